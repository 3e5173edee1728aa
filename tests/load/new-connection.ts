import { visitors } from './client.ts'
import { expectStatus } from './http.ts'
import type { Crowd, Target } from './target.ts'

/** Clients that open a connection for every request, as health probes and simple scripts do. */
export async function newConnection(target: Target, size: Crowd): Promise<void> {
  const { url, recorder } = target
  const one = { name: 'new-connection', size, keepsConnection: false } as const
  await visitors(
    target,
    one,
    (client) => () =>
      recorder.attempt('new-connection', async ({ answered }) => {
        const answer = await client.send(new URL('/api/products?page=1&limit=5', url))
        answered(answer.servedBy)
        expectStatus(answer, 200)
      }),
  )
}
