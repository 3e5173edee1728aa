import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, it } from 'vitest'
import { send } from '../load/http.ts'
import { restore } from './harness/colours.ts'
import { runningContainers } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { buildImage } from './harness/images.ts'
import { other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

type Order = { id: string; status: string; completions: number; events: number }
type Run = { slot: string; status: string; image: string }

beforeAll(() => restore(stack))

async function place(): Promise<string> {
  const { products } = await stack.api<{ products: { id: number }[] }>('/api/products?page=1&limit=1')
  const answer = await send(new URL('/api/orders', stack.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `e2e-${Date.now()}-${Math.random()}` },
    body: JSON.stringify({
      email: 'e2e@example.com',
      items: [{ product_id: products[0]?.id, quantity: 1 }],
    }),
  })
  expect(answer.status).toBe(201)
  return (JSON.parse(answer.body.toString()) as { order: Order }).order.id
}

const stored = async (id: string): Promise<Order> => {
  const completed = `SELECT count(*) FROM outbox WHERE order_id = orders.id AND event = 'order.completed'`
  const [order] = await stack.rows<Order>(
    `SELECT id, status, completions, (${completed}) AS events FROM orders WHERE id = '${id}'`,
  )
  return order as Order
}

it('an order placed before a switch completes after it, once', async () => {
  const workers = (await runningContainers(stack)).filter(({ service }) => service === 'ecomweb_worker')
  const names = workers.map(({ name }) => name)
  await stack.docker(['pause', ...names])
  let id: string
  try {
    id = await place()
    expect(await stored(id)).toMatchObject({ status: 'pending', completions: 0 })
    await stack.switchTo(other(await stack.active()))
    expect(await stored(id)).toMatchObject({ status: 'pending' })
  } finally {
    await stack.docker(['unpause', ...names])
  }
  await waitUntil('the order is completed', async () => (await stored(id)).status === 'completed')
  expect(await stored(id)).toMatchObject({ completions: 1, events: 1 })
})

it('cron misses no slot and runs none twice across a deploy', async () => {
  const image = await buildImage(stack, 'v3')
  const minute = 60_000
  // Cron is away while a minute begins: the slot is due in the middle of its replacement.
  const started = Date.now()
  const boundary = Math.ceil(started / minute) * minute
  await delay(Math.max(0, boundary - started - 8000))
  const { code, output } = await stack.deploy(image)
  expect(code, output).toBe(0)
  const slots = await waitUntil(
    'a slot after the deploy has run',
    async () => {
      const runs = await stack.rows<Run>(
        `SELECT to_char(slot AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS slot, status, image
       FROM cron_run WHERE job = 'heartbeat' ORDER BY slot`,
      )
      return runs.some(({ slot, status }) => Date.parse(slot) >= boundary && status !== 'running') && runs
    },
    { timeoutMs: 90_000 },
  )

  // The whole history of this stack: one row a minute from the first to the last, each run to its end.
  const first = Date.parse(slots[0]?.slot as string)
  expect(slots.map(({ slot }) => Date.parse(slot))).toEqual(slots.map((_, index) => first + index * minute))
  expect(slots.filter(({ status }) => status === 'failed')).toEqual([])
})
