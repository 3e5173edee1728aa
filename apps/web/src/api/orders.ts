import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './shop.ts'
import type { Order, OrderList, Step } from './types.ts'

/** `user`: whose orders; part of the key, so that nobody is shown another person's from the cache. */
export const ordersQuery = (user: string, page: number) =>
  queryOptions({
    queryKey: ['orders', user, page],
    queryFn: ({ signal }) => api<OrderList>('/api/orders', { query: { page, limit: 10 }, signal }),
    placeholderData: keepPreviousData,
  })

export const orderQuery = (id: string) =>
  queryOptions({
    queryKey: ['order', id],
    queryFn: async ({ signal }) =>
      (await api<{ order: Order }>(`/api/orders/${encodeURIComponent(id)}`, { signal })).order,
  })

export const progressQuery = (id: string) =>
  queryOptions({
    queryKey: ['progress', id],
    queryFn: async ({ signal }) =>
      (await api<{ steps: Step[] }>(`/api/orders/${encodeURIComponent(id)}/progress`, { signal })).steps,
  })

/** `idempotencyKey`: the one under which a guest ordered, which shows that the order is theirs. */
export async function cancelOrder(id: string, idempotencyKey?: string): Promise<Order> {
  const call = { method: 'POST', ...(idempotencyKey ? { idempotencyKey } : {}) } as const
  return (await api<{ order: Order }>(`/api/orders/${id}/cancel`, call)).order
}

/** Whether nothing will happen to an order by itself any more. */
export const isSettled = (order: Order | undefined): boolean =>
  order !== undefined && order.status !== 'pending' && order.status !== 'paid'
