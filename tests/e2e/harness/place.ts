import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { exemption } from '../../load/access.ts'
import { expectStatus, send } from '../../load/http.ts'
import { accessTo } from './access.ts'
import type { Stack } from './stack.ts'

/** After a second, for a minute at most. */
const [AGAIN_MS, MOST_AGAIN] = [1000, 60]

/**
 * Places so many orders of one thing each, 25 at a time; one that an overloaded shop puts off (503) comes again with its
 * key, as a client's would.
 */
export async function placeOrders(stack: Stack, count: number, email: string): Promise<void> {
  const [product] = await stack.rows<{ id: number }>('SELECT id FROM products ORDER BY id DESC LIMIT 1')
  const agent = new http.Agent({ keepAlive: true, maxSockets: 25 })
  const exempt = exemption(accessTo(stack))
  let left = count
  const customer = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const order = {
        method: 'POST',
        agent,
        headers: {
          ...exempt,
          'content-type': 'application/json',
          'idempotency-key': `placed-${randomUUID()}`,
        },
        body: JSON.stringify({ email, items: [{ product_id: product?.id, quantity: 1 }] }),
      }
      const place = () => send(new URL('/api/orders', stack.url), order)
      let answer = await place()
      for (let again = 0; answer.status === 503 && again < MOST_AGAIN; again += 1) {
        await delay(AGAIN_MS)
        answer = await place()
      }
      expectStatus(answer, 201)
    }
  }
  await Promise.all(Array.from({ length: 25 }, customer))
  agent.destroy()
}
