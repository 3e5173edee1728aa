import { readJson, type Store } from '../api/storage.ts'
import type { Product } from '../api/types.ts'

/** What the product was when it was put in; the cart page asks for what it is now. */
export type CartLine = Pick<Product, 'id' | 'name' | 'price_cents' | 'image_url'> & { quantity: number }
export type Cart = readonly CartLine[]

/** The API's limits of one order. */
export const MOST_OF_ONE = 1_000
export const MOST_LINES = 50
export const CART = 'ecomweb.cart'

/** A whole number between 1 and the most that can be ordered. */
export function clampQuantity(quantity: number, stock = MOST_OF_ONE): number {
  const whole = Math.trunc(quantity)
  return Math.max(1, Math.min(Number.isNaN(whole) ? 1 : whole, stock, MOST_OF_ONE))
}

/** Adds to what is there already, never more than is in stock. */
export function addToCart(cart: Cart, product: Product, quantity: number): Cart {
  const { id, name, price_cents, image_url, stock } = product
  const there = cart.find((line) => line.id === id)
  const line = {
    id,
    name,
    price_cents,
    image_url,
    quantity: clampQuantity((there?.quantity ?? 0) + quantity, stock),
  }
  if (there) return cart.map((other) => (other.id === id ? line : other))
  return cart.length < MOST_LINES ? [...cart, line] : cart
}

export const setQuantity = (cart: Cart, id: number, quantity: number): Cart =>
  cart.map((line) => (line.id === id ? { ...line, quantity: clampQuantity(quantity) } : line))

export const removeFromCart = (cart: Cart, id: number): Cart => cart.filter((line) => line.id !== id)

export const countItems = (cart: Cart): number => cart.reduce((sum, { quantity }) => sum + quantity, 0)

/** In cents. */
export const totalOf = (lines: readonly { price_cents: number; quantity: number }[]): number =>
  lines.reduce((sum, { price_cents, quantity }) => sum + price_cents * quantity, 0)

/** Keeps a cart in STORE and tells who listens; lines that are not understood are dropped. */
export function createCartStore(store: Store) {
  const listeners = new Set<() => void>()
  let cart = parse(readJson(store, CART))
  const publish = (next: Cart): void => {
    cart = next
    for (const listener of listeners) listener()
  }
  return {
    get: () => cart,
    subscribe(listener: () => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    change(how: (cart: Cart) => Cart): void {
      const next = how(cart)
      store.setItem(CART, JSON.stringify(next))
      publish(next)
    },
    /** Takes over what another tab has written. */
    reload: () => publish(parse(readJson(store, CART))),
  }
}

function parse(value: unknown): Cart {
  return Array.isArray(value) ? value.filter(isLine).slice(0, MOST_LINES) : []
}

function isLine(value: unknown): value is CartLine {
  const line = (value ?? {}) as Partial<CartLine>
  return (
    Number.isInteger(line.id) &&
    typeof line.name === 'string' &&
    Number.isInteger(line.price_cents) &&
    Number.isInteger(line.quantity) &&
    line.quantity === clampQuantity(line.quantity ?? 0)
  )
}
