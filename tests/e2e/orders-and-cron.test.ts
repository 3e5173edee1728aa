import { beforeAll, expect, it } from 'vitest'
import { send } from '../load/http.ts'
import { restore } from './harness/colours.ts'
import { runningContainers } from './harness/containers.ts'
import { cronSlots, irregular } from './harness/cron.ts'
import { stack } from './harness/current.ts'
import { buildImage, imageId } from './harness/images.ts'
import { other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

type Order = { id: string; status: string; completions: number; events: number }

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
  const workers = (await runningContainers(stack)).filter(({ service }) =>
    service.startsWith('ecomweb_worker'),
  )
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

it('cron has no gap and no slot twice across a deploy during which slots were missed', async () => {
  const image = await buildImage(stack, 'v-cron')
  await waitUntil('cron has run once', async () => (await cronSlots(stack)).length > 0)
  // As if the replacement had taken three minutes: nothing ran since, and the new container is to catch up.
  await stack.docker(['stop', stack.container('cron')])
  // In two moves, since a slot must not meet the next one on its way.
  for (const by of ["- interval '1000 days'", "+ interval '1000 days' - interval '3 minutes'"])
    await stack.sql(`UPDATE cron_run SET slot = slot ${by} WHERE job = 'heartbeat';`)
  const before = await cronSlots(stack)
  const missedUpTo = Math.floor(Date.now() / 60_000) * 60_000

  const { code, output } = await stack.deploy(image)
  expect(code, output).toBe(0)
  const id = await imageId(stack, image)
  const slots = await waitUntil('the missed slots have run', async () => {
    const found = await cronSlots(stack)
    const last = found.at(-1)
    return last && last.at >= missedUpTo && last.status !== 'running' && found
  })
  expect(irregular(slots)).toEqual([])
  const added = slots.slice(before.length)
  expect(added.length).toBeGreaterThanOrEqual(3)
  expect(new Set(added.map((slot) => slot.image))).toEqual(new Set([id]))
})
