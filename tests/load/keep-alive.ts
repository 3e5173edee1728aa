import { visitors } from './client.ts'
import { expectStatus, json } from './http.ts'
import { AttemptFailed } from './recorder.ts'
import type { Crowd, Target } from './target.ts'

/** Browsers and services that hold one connection each and read the catalogue over it. */
export async function keepAlive(target: Target, size: Crowd): Promise<void> {
  const { url, recorder } = target
  await visitors(target, { name: 'keep-alive', size, keepsConnection: true }, (client, worker) => {
    let turn = worker
    return () =>
      recorder.attempt('keep-alive', async ({ answered }) => {
        turn += 1
        const answer = await client.send(new URL(`/api/products?page=${1 + (turn % 3)}&limit=5`, url))
        answered(answer.servedBy)
        expectStatus(answer, 200)
        if (!Array.isArray(json<{ products?: unknown }>(answer).products)) {
          throw new AttemptFailed('answer', 'a page of products without `products`')
        }
      })
  })
}
