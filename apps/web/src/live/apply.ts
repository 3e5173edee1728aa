import type { QueryClient } from '@tanstack/react-query'
import { type Order, type OrderStatus, orderStatuses, type Product, type ProductList } from '../api/types.ts'
import type { LiveEvent } from './live.ts'

type Stock = { product_id: number; stock: number }[]
type Data = { order_id?: string; status?: string; at?: string; stock?: Stock }

/**
 * Brings what the pages show up to date: new stocks and statuses at once, from the event itself. Returns the keys of
 * what the event only says to be old, for the caller to ask for again in its own time.
 */
export function applyEvent(queries: QueryClient, { event, data }: LiveEvent): string[][] {
  const { order_id: id, status, stock } = (data ?? {}) as Data
  if (stock) applyStock(queries, stock)
  if (!event.startsWith('order.') || !id) return []
  if (isStatus(status)) {
    queries.setQueryData<Order>(['order', id], (order) => order && { ...order, status })
  }
  return [['order', id], ['progress', id], ['orders'], ['admin', 'orders']]
}

function applyStock(queries: QueryClient, changes: Stock): void {
  const stocks = new Map(changes.map(({ product_id, stock }) => [product_id, stock]))
  const update = <T extends Product>(product: T): T => {
    const stock = stocks.get(product.id)
    return stock === undefined || stock === product.stock ? product : { ...product, stock }
  }
  for (const id of stocks.keys()) {
    queries.setQueryData<Product>(['product', id], (product) => product && update(product))
  }
  queries.setQueriesData<ProductList>({ queryKey: ['products'] }, (list) => {
    if (!list?.products.some(({ id }) => stocks.has(id))) return list
    return { ...list, products: list.products.map(update) }
  })
}

function isStatus(status: string | undefined): status is OrderStatus {
  return (orderStatuses as readonly (string | undefined)[]).includes(status)
}
