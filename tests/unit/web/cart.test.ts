import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../apps/web/src/api/storage.ts'
import type { Product } from '../../../apps/web/src/api/types.ts'
import {
  addToCart,
  CART,
  type Cart,
  clampQuantity,
  countItems,
  createCartStore,
  MOST_LINES,
  removeFromCart,
  setQuantity,
  totalOf,
} from '../../../apps/web/src/cart/cart.ts'
import { checkLine } from '../../../apps/web/src/cart/check-line.ts'

const product = (id: number, stock = 10): Product => ({
  id,
  name: `Product ${id}`,
  description: '',
  price_cents: 1_999,
  stock,
  category: null,
  image_url: null,
})
const mug = product(1)

describe('a cart', () => {
  it('puts the same product on one line, and never more of it than there is', () => {
    const cart = addToCart(addToCart([], mug, 4), mug, 9)
    expect(cart).toMatchObject([{ id: 1, quantity: 10 }])
  })

  it('counts pieces, and sums in whole cents', () => {
    const cart = addToCart(addToCart([], mug, 3), product(2), 1)
    expect(countItems(cart)).toBe(4)
    expect(totalOf(cart)).toBe(7_996)
  })

  it('holds as many lines as one order may have', () => {
    let cart: Cart = []
    for (let id = 1; id <= MOST_LINES + 5; id += 1) cart = addToCart(cart, product(id), 1)
    expect(cart).toHaveLength(MOST_LINES)
  })

  it('changes and removes lines', () => {
    const cart = setQuantity(addToCart([], mug, 1), 1, 7)
    expect(cart).toMatchObject([{ quantity: 7 }])
    expect(removeFromCart(cart, 1)).toEqual([])
  })

  it.each([
    [0, 1],
    [-3, 1],
    [2.9, 2],
    [Number.NaN, 1],
    [5_000, 1_000],
  ])('takes %d as %d pieces', (asked, given) => {
    expect(clampQuantity(asked)).toBe(given)
  })
})

describe('the kept cart', () => {
  it('is there again after a reload', () => {
    const store = memoryStore()
    createCartStore(store).change((cart) => addToCart(cart, mug, 2))
    expect(createCartStore(store).get()).toMatchObject([{ id: 1, quantity: 2 }])
  })

  it('drops what it does not understand', () => {
    const store = memoryStore()
    store.setItem(CART, JSON.stringify([{ id: 1, name: 'x', price_cents: 1, quantity: 0 }, null, 'x']))
    expect(createCartStore(store).get()).toEqual([])
    store.setItem(CART, '{broken')
    expect(createCartStore(store).get()).toEqual([])
  })

  it('tells who listens, also of what another tab wrote', () => {
    const store = memoryStore()
    const [here, there] = [createCartStore(store), createCartStore(store)]
    let told = 0
    const stop = here.subscribe(() => {
      told += 1
    })
    there.change((cart) => addToCart(cart, mug, 1))
    here.reload()
    expect(countItems(here.get())).toBe(1)
    stop()
    here.change(() => [])
    expect(told).toBe(1)
  })
})

describe('a line of the cart, looked at again', () => {
  const [line] = addToCart([], mug, 3)
  if (!line) throw new Error('a line was added')

  it('has the price of today', () => {
    expect(checkLine(line, { ...mug, price_cents: 2_500 }, false)).toMatchObject({ price_cents: 2_500 })
  })

  it.each([
    [2, false, 'Only 2 left.'],
    [0, false, 'Sold out.'],
    [10, true, 'No longer sold.'],
    [3, false, undefined],
  ])('with a stock of %d (gone: %s) says %s', (stock, gone, problem) => {
    expect(checkLine(line, { ...mug, stock }, gone).problem).toBe(problem)
  })
})
