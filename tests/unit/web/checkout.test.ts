import { describe, expect, it } from 'vitest'
import type { Client } from '../../../apps/web/src/api/client.ts'
import { ApiError, Unreachable } from '../../../apps/web/src/api/problem.ts'
import { memoryStore } from '../../../apps/web/src/api/storage.ts'
import type { OrderRequest } from '../../../apps/web/src/api/types.ts'
import { ATTEMPT, placeOrder, randomKey } from '../../../apps/web/src/checkout/attempt.ts'
import { guestOrders, rememberGuestOrder } from '../../../apps/web/src/checkout/guest-orders.ts'

const mugs = (quantity: number): OrderRequest => ({
  email: 'ada@example.org',
  items: [{ product_id: 2, quantity }],
})

/**
 * A shop that keeps the promise of Idempotency-Key. `faults` say how the next requests end: 'lost' breaks the
 * connection before the order arrives, 'unheard' after it was placed, a number refuses it.
 */
function setUp(faults: ('lost' | 'unheard' | number | undefined)[] = []) {
  const orders = new Map<string, { id: string; body: string }>()
  const api = (async (
    _path: string,
    { body, idempotencyKey = '' }: { body: unknown; idempotencyKey?: string },
  ) => {
    const fault = faults.shift()
    if (fault === 'lost') throw new Unreachable('lost')
    if (typeof fault === 'number') throw new ApiError(fault, 'refused')
    const there = orders.get(idempotencyKey)
    if (there && there.body !== JSON.stringify(body)) throw new ApiError(422, 'the key of another order')
    const order = there ?? { id: `o${orders.size + 1}`, body: JSON.stringify(body) }
    orders.set(idempotencyKey, order)
    if (fault === 'unheard') throw new Unreachable('unheard')
    return { order: { id: order.id } }
  }) as unknown as Client
  const store = memoryStore()
  let keys = 0
  const newKey = () => `key-${++keys}`
  return { orders, store, place: (request: OrderRequest) => placeOrder(request, { api, store, newKey }) }
}

describe('ordering', () => {
  it('uses a key of its own for each order', async () => {
    const { orders, place } = setUp()
    await expect(place(mugs(1))).resolves.toMatchObject({ order: { id: 'o1' }, key: 'key-1', earlier: false })
    await expect(place(mugs(1))).resolves.toMatchObject({ order: { id: 'o2' }, key: 'key-2' })
    expect(orders.size).toBe(2)
  })

  it.each(['lost', 'unheard', 500, 503, 429] as const)('again after %s is one order', async (fault) => {
    const { orders, store, place } = setUp([fault])
    await expect(place(mugs(1))).rejects.toThrow()
    await expect(place(mugs(1))).resolves.toMatchObject({ key: 'key-1', earlier: false })
    expect(orders.size).toBe(1)
    expect(store.getItem(ATTEMPT)).toBeNull()
  })

  it('a changed cart after a lost request orders the changed cart', async () => {
    const { orders, place } = setUp(['lost'])
    await expect(place(mugs(1))).rejects.toThrow()
    await expect(place(mugs(5))).resolves.toMatchObject({ earlier: false })
    expect([...orders.values()].map(({ body }) => JSON.parse(body))).toEqual([mugs(5)])
  })

  it('a changed cart after an unheard answer finds the order that was placed', async () => {
    const { orders, place } = setUp(['unheard'])
    await expect(place(mugs(1))).rejects.toThrow()
    await expect(place(mugs(5))).resolves.toMatchObject({ order: { id: 'o1' }, earlier: true })
    expect([...orders.values()].map(({ body }) => JSON.parse(body))).toEqual([mugs(1)])
  })

  it('finds out which of several attempts was placed', async () => {
    const { orders, place } = setUp(['lost', 'unheard', 'lost'])
    for (const quantity of [1, 2, 3]) await expect(place(mugs(quantity))).rejects.toThrow()
    await expect(place(mugs(4))).resolves.toMatchObject({ earlier: true })
    expect([...orders.values()].map(({ body }) => JSON.parse(body))).toEqual([mugs(2)])
  })

  it('a refusal frees the key, unless an earlier attempt is still open', async () => {
    const refused = setUp([409])
    await expect(refused.place(mugs(99))).rejects.toMatchObject({ status: 409 })
    expect(refused.store.getItem(ATTEMPT)).toBeNull()

    const open = setUp(['unheard', 409])
    await expect(open.place(mugs(1))).rejects.toThrow()
    await expect(open.place(mugs(99))).rejects.toMatchObject({ status: 409 })
    await expect(open.place(mugs(1))).resolves.toMatchObject({ order: { id: 'o1' } })
    expect(open.orders.size).toBe(1)
  })

  it('has keys that the API takes and that do not repeat', () => {
    const keys = Array.from({ length: 100 }, randomKey)
    expect(new Set(keys).size).toBe(100)
    expect(keys.every((key) => /^[A-Za-z0-9._-]{8,128}$/.test(key))).toBe(true)
  })
})

describe('orders of a guest', () => {
  it('are remembered with their keys, newest first, each once', () => {
    const store = memoryStore()
    for (const id of ['a', 'b', 'a'])
      rememberGuestOrder(store, { id, key: `key-${id}`, placed: '2026-01-01' })
    expect(guestOrders(store).map(({ id }) => id)).toEqual(['a', 'b'])
  })
})
