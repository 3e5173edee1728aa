import { visitors } from './client.ts'
import { expectStatus } from './http.ts'
import type { Crowd, Target } from './target.ts'

/** Requests that are still running when the colours change; the route exists in test images only. */
export async function slow(target: Target, size: Crowd): Promise<void> {
  const { url, recorder } = target
  await visitors(
    target,
    { name: 'slow', size, keepsConnection: true },
    (client) => () =>
      recorder.attempt('slow', async ({ answered }) => {
        const answer = await client.send(new URL('/slow?ms=700', url))
        answered(answer.servedBy)
        expectStatus(answer, 200)
      }),
  )
}
