import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { exemption } from '../load/access.ts'
import { json, send } from '../load/http.ts'
import { accessTo } from './harness/access.ts'
import { restore } from './harness/colours.ts'
import { runningContainers } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { waitUntil } from './harness/wait.ts'

type Order = { id: string; status: string; probe?: true }
type Placed = { key: string; status: number; order?: Order }

let product: number
const exempt = exemption(accessTo(stack))

beforeAll(async () => {
  await restore(stack)
  product = (await stack.rows<{ id: number }>('SELECT id FROM products ORDER BY id DESC LIMIT 1'))[0]?.id ?? 0
})

/** What the kit sends with its probes; the edge takes the mark from nobody else. */
const asProbe = (): Record<string, string> => ({
  'x-ecomweb-preview': readFileSync(stack.file('haproxy/state/preview.token'), 'utf8').trim(),
  'x-ecomweb-probe': '1',
})

async function place(quantity: number, headers: Record<string, string> = {}): Promise<Placed> {
  const key = `e2e-${randomUUID()}`
  const answer = await send(new URL('/api/orders', stack.url), {
    method: 'POST',
    headers: { ...exempt, 'content-type': 'application/json', 'idempotency-key': key, ...headers },
    body: JSON.stringify({ email: 'e2e@example.com', items: [{ product_id: product, quantity }] }),
  })
  return { key, status: answer.status, ...json<{ order?: Order }>(answer) }
}

async function cancel(id: string | undefined, headers: Record<string, string>) {
  const answer = await send(new URL(`/api/orders/${id}/cancel`, stack.url), {
    method: 'POST',
    headers: { ...exempt, ...headers },
  })
  return { status: answer.status, order: json<{ order?: Order }>(answer).order }
}

type Stored = { status: string; completions: number; events: string[] }

/** Orders as they are stored, by id, and their events in order; `*` where these say that it is a probe. */
async function storedAll(ids: (string | undefined)[]): Promise<Map<string, Stored>> {
  const marked = `event || CASE WHEN payload @> '{"probe": true}' THEN '*' ELSE '' END`
  const events = `SELECT coalesce(json_agg(${marked} ORDER BY id), '[]') FROM outbox WHERE order_id = orders.id`
  const rows = await stack.rows<Stored & { id: string }>(
    `SELECT id, status, completions, (${events}) AS events FROM orders WHERE id IN ('${ids.join("', '")}')`,
  )
  return new Map(rows.map(({ id, ...order }) => [id, order]))
}

const stored = async (id: string | undefined) => (await storedAll([id])).get(id ?? '')

const stock = async (): Promise<number> =>
  Number(await stack.sql(`SELECT stock FROM products WHERE id = ${product};`))

const untilCompleted = (id: string | undefined) =>
  waitUntil('the order is completed', async () => (await stored(id))?.status === 'completed')

/** Does something while no worker completes any order. */
async function withoutWorkers<T>(work: () => Promise<T>): Promise<T> {
  const running = await runningContainers(stack)
  const names = running.filter(({ service }) => service.startsWith('ecomweb_worker')).map(({ name }) => name)
  await stack.docker(['pause', ...names])
  try {
    return await work()
  } finally {
    await stack.docker(['unpause', ...names])
  }
}

describe("a customer's order", () => {
  it('is cancelled by its key while it is pending, and its stock comes back once', async () => {
    const before = await stock()
    const { order, key } = await withoutWorkers(async () => {
      const placed = await place(3)
      expect(await stock()).toBe(before - 3)
      expect((await cancel(placed.order?.id, {})).status).toBe(403)
      expect((await cancel(placed.order?.id, asProbe())).status).toBe(403)
      const asked = Array.from({ length: 8 }, () =>
        cancel(placed.order?.id, { 'idempotency-key': placed.key }),
      )
      for (const answer of await Promise.all(asked)) {
        expect(answer).toMatchObject({ status: 200, order: { id: placed.order?.id, status: 'cancelled' } })
      }
      expect(await stock()).toBe(before)
      return placed
    })
    // Its workflow runs now, and finds nothing to complete.
    const later = await place(1)
    await untilCompleted(later.order?.id)
    expect(await cancel(order?.id, { 'idempotency-key': key })).toMatchObject({ status: 200 })
    expect(await stored(order?.id)).toEqual({
      status: 'cancelled',
      completions: 0,
      events: ['order.created', 'order.cancelled'],
    })
    expect(await stock()).toBe(before - 1)
  })

  it('is not cancelled once it is completed, nor if there is none', async () => {
    const { order, key } = await place(1)
    await untilCompleted(order?.id)
    expect((await cancel(order?.id, { 'idempotency-key': key })).status).toBe(409)
    expect((await cancel(randomUUID(), { 'idempotency-key': key })).status).toBe(404)
  })

  it('is either completed or cancelled when both happen at once', async () => {
    const before = await stock()
    const raced: { id: string | undefined; status: number }[] = []
    const race = async (afterMs: number): Promise<void> => {
      const { order, key } = await place(1)
      await delay(afterMs)
      raced.push({ id: order?.id, ...(await cancel(order?.id, { 'idempotency-key': key })) })
    }
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([0, 1, 2, 3, 4, 5].map((number) => race(60 * number + 5 * round)))
    }
    const ends = await waitUntil('each order is over', async () => {
      const found = await storedAll(raced.map(({ id }) => id))
      return [...found.values()].every(({ status }) => status !== 'pending' && status !== 'paid') && found
    })
    for (const { id, status } of raced) {
      const [end, completions] = status === 200 ? ['cancelled', 0] : ['completed', 1]
      expect([200, 409]).toContain(status)
      const { events, ...stored } = ends.get(id ?? '') as Stored
      expect(stored).toEqual({ status: end, completions })
      // A cancelled one may have been paid before.
      const paid = end === 'completed' || events.includes('order.paid') ? ['order.paid'] : []
      expect(events).toEqual(['order.created', ...paid, `order.${end}`])
    }
    const completed = raced.filter(({ status }) => status === 409).length
    console.log(`${completed} of ${raced.length} were completed first`)
    expect(await stock()).toBe(before - completed)
  })
})

describe('a probe', () => {
  it('takes no stock, not even for a moment, and is cancelled whatever has become of it', async () => {
    const before = await stock()
    const pending = await withoutWorkers(async () => {
      const placed = await place(5, asProbe())
      expect(placed).toMatchObject({ status: 201, order: { status: 'pending', probe: true } })
      expect(await stock()).toBe(before)
      expect((await cancel(placed.order?.id, asProbe())).order?.status).toBe('cancelled')
      return placed.order?.id
    })
    const completed = (await place(5, asProbe())).order?.id
    await untilCompleted(completed)
    for (const _ of [1, 2]) expect((await cancel(completed, asProbe())).order?.status).toBe('cancelled')
    expect(await stored(pending)).toMatchObject({ events: ['order.created*', 'order.cancelled*'] })
    expect(await stored(completed)).toEqual({
      status: 'cancelled',
      completions: 1,
      events: ['order.created*', 'order.paid*', 'order.completed*', 'order.cancelled*'],
    })
    expect(await stock()).toBe(before)
  })

  it('succeeds in a shop that is sold out', async () => {
    const before = await stock()
    await stack.sql(`UPDATE products SET stock = 0 WHERE id = ${product};`)
    try {
      expect((await place(1)).status).toBe(409)
      const probe = await place(1, asProbe())
      expect(probe.status).toBe(201)
      expect((await cancel(probe.order?.id, asProbe())).status).toBe(200)
    } finally {
      await stack.sql(`UPDATE products SET stock = ${before} WHERE id = ${product};`)
    }
  })
})
