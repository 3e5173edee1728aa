import { expectStatus, send } from './http.ts'
import { crowd } from './pace.ts'
import type { Crowd, Target } from './target.ts'

/** Clients that open a connection for every request, as health probes and simple scripts do. */
export async function newConnection({ url, recorder, stop }: Target, size: Crowd): Promise<void> {
  await crowd(
    { ...size, stop },
    () => () =>
      recorder.attempt('new-connection', async ({ answered }) => {
        const answer = await send(new URL('/api/products?page=1&limit=5', url), { agent: false })
        answered(answer.servedBy)
        expectStatus(answer, 200)
      }),
  )
}
