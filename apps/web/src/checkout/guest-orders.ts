import { readJson, type Store } from '../api/storage.ts'

/** An order placed in this browser without signing in. The key is what lets its owner cancel it. */
export type GuestOrder = { id: string; key: string; placed: string }

const GUEST_ORDERS = 'ecomweb.guest-orders'
const MOST_KEPT = 20

export function guestOrders(store: Store): GuestOrder[] {
  const kept = readJson(store, GUEST_ORDERS)
  if (!Array.isArray(kept)) return []
  return kept.filter((order) =>
    [order?.id, order?.key, order?.placed].every((part) => typeof part === 'string'),
  )
}

/** Remembers the order, newest first. */
export function rememberGuestOrder(store: Store, order: GuestOrder): void {
  const others = guestOrders(store).filter(({ id }) => id !== order.id)
  store.setItem(GUEST_ORDERS, JSON.stringify([order, ...others].slice(0, MOST_KEPT)))
}
