import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../../apps/api/auth/principal.ts'
import type { Canceller } from '../../../apps/api/orders/cancel.ts'
import { aRequest, openShop, placed, type Shop } from './shop.ts'

let shop: Shop
let anna: Principal
let bert: Principal
let admin: Principal
let product: number

beforeAll(async () => {
  shop = await openShop()
  anna = await shop.user()
  bert = await shop.user()
  admin = await shop.user('admin')
  product = await shop.product(1000)
})

afterAll(() => shop.own.drop())

const KEY = 'the key of the order'
type Who = 'anna' | 'bert' | 'admin' | 'guest' | 'kit'

/** Cancels an order of `owner` as somebody who sends `key`; answers what came of it. */
async function attempt(owner: Who, who: Who, key: string | undefined, status = 'pending'): Promise<string> {
  const request = aRequest(product, {
    ...(owner === 'anna' && { userId: anna.id }),
    probe: owner === 'kit',
  })
  const { id } = await placed(shop.orders, request)
  if (status !== 'pending') await shop.own.sql('UPDATE orders SET status = $2 WHERE id = $1', [id, status])
  const principals: Partial<Record<Who, Principal>> = { anna, bert, admin }
  const by: Canceller = {
    principal: principals[who],
    key: key === KEY ? request.key : key,
    probe: who === 'kit',
  }
  return (await shop.orders.cancel(id, by)).outcome
}

describe('may cancel', () => {
  test.each<[Who, string, Who, string | undefined]>([
    ['anna', 'without a key', 'anna', undefined],
    ['anna', 'as an administrator', 'admin', undefined],
    ['guest', 'with its key', 'guest', KEY],
    ['guest', 'with its key, signed in since', 'bert', KEY],
    ['guest', 'as an administrator', 'admin', undefined],
    ['kit', 'as the kit', 'kit', undefined],
    ['kit', 'with its key', 'guest', KEY],
  ])('an order of %s %s', async (owner, _, who, key) => {
    expect(await attempt(owner, who, key)).toBe('cancelled')
    expect(await attempt(owner, who, key, 'paid')).toBe('cancelled')
  })
})

describe('may not cancel', () => {
  test.each<[string, Who, Who, string | undefined, string]>([
    ['a guest’s order without its key', 'guest', 'guest', undefined, 'not theirs'],
    ['a guest’s order with another key', 'guest', 'guest', 'other-key-1', 'not theirs'],
    ['a guest’s order as a user without its key', 'guest', 'anna', undefined, 'not theirs'],
    ['a guest’s order as if it were a probe', 'guest', 'kit', undefined, 'not theirs'],
    ['a user’s order as if it were a probe', 'anna', 'kit', undefined, 'not theirs'],
    ['a probe without its mark', 'kit', 'guest', undefined, 'not theirs'],
    ['a user’s order as another user', 'anna', 'bert', undefined, 'unknown'],
    ['a user’s order as another user who knows its key', 'anna', 'bert', KEY, 'unknown'],
    ['a user’s order as a guest who knows its key', 'anna', 'guest', KEY, 'unknown'],
  ])('%s', async (_, owner, who, key, outcome) => {
    const before = await shop.stock(product)
    expect(await attempt(owner, who, key)).toBe(outcome)
    expect(await shop.stock(product)).toBe(owner === 'kit' ? before : before - 1)
  })

  test.each(['completed', 'refunded'])('what is %s, unless it is a probe', async (status) => {
    expect(await attempt('anna', 'anna', undefined, status)).toBe('completed')
    expect(await attempt('guest', 'admin', undefined, status)).toBe('completed')
    expect(await attempt('kit', 'kit', undefined, status)).toBe(
      status === 'completed' ? 'cancelled' : 'completed',
    )
  })

  test('what was never placed', async () => {
    const nobody = { principal: undefined, key: 'some-key-1', probe: false }
    expect(await shop.orders.cancel(randomUUID(), nobody)).toEqual({ outcome: 'unknown' })
  })
})

test('what comes back from a cancelled order is stock again, but nobody has stocked up', async () => {
  const longAgo = new Date('2026-01-01T00:00:00Z')
  await shop.own.sql('UPDATE products SET stocked_at = $2 WHERE id = $1', [product, longAgo])
  const before = await shop.stock(product)
  expect(await attempt('anna', 'anna', undefined, 'paid')).toBe('cancelled')
  expect(await shop.stock(product)).toBe(before)
  expect(await shop.own.sql('SELECT stocked_at FROM products WHERE id = $1', [product])).toEqual([
    { stocked_at: longAgo },
  ])
})
