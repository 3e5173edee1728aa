import http from 'node:http'
import { expectStatus, json, send } from './http.ts'
import { crowd } from './pace.ts'
import { AttemptFailed } from './recorder.ts'
import type { Crowd, Target } from './target.ts'

/** Browsers and services that hold one connection each and read the catalogue over it. */
export async function keepAlive({ url, recorder, stop }: Target, size: Crowd): Promise<void> {
  const agents: http.Agent[] = []
  await crowd({ ...size, stop }, (worker) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    agents.push(agent)
    let turn = worker
    return () =>
      recorder.attempt('keep-alive', async ({ answered }) => {
        turn += 1
        const answer = await send(new URL(`/api/products?page=${1 + (turn % 3)}&limit=5`, url), { agent })
        answered(answer.servedBy)
        expectStatus(answer, 200)
        if (!Array.isArray(json<{ products?: unknown }>(answer).products)) {
          throw new AttemptFailed('answer', 'a page of products without `products`')
        }
      })
  })
  for (const agent of agents) agent.destroy()
}
