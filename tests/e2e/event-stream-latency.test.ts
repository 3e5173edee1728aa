import http from 'node:http'
import { expect, it } from 'vitest'
import { stack } from './harness/current.ts'

/** Milliseconds until the first bytes of an event stream arrive through the edge. */
const firstBytes = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const start = performance.now()
    const request = http.get(`${stack.url}/api/orders/events`, { agent: false }, (response) =>
      response.once('data', () => {
        resolve(performance.now() - start)
        request.destroy()
      }),
    )
    request.once('error', reject)
  })

it('the edge passes events on at once instead of waiting for more to send', async () => {
  const times: number[] = []
  for (let count = 0; count < 9; count += 1) times.push(await firstBytes())
  // A proxy that fills its segments first has the kernel hold every event back for 200 ms: not one comes sooner.
  // On a busy machine some are late for other reasons, so the soonest decides.
  expect(Math.min(...times)).toBeLessThan(200)
})
