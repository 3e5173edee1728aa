import http from 'node:http'
import { expectStatus, send } from './http.ts'
import { crowd } from './pace.ts'
import type { Crowd, Target } from './target.ts'

/** Requests that are still running when the colours change; the route exists in test images only. */
export async function slow({ url, recorder, stop }: Target, size: Crowd): Promise<void> {
  const agents: http.Agent[] = []
  await crowd({ ...size, stop }, () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    agents.push(agent)
    return () =>
      recorder.attempt('slow', async ({ answered }) => {
        const answer = await send(new URL('/slow?ms=700', url), { agent })
        answered(answer.servedBy)
        expectStatus(answer, 200)
      })
  })
  for (const agent of agents) agent.destroy()
}
