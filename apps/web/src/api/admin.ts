import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './shop.ts'
import type {
  Account,
  AccountList,
  AuditList,
  Order,
  OrderList,
  Product,
  ProductInput,
  Role,
} from './types.ts'

const LIMIT = 20

export const accountsQuery = (page: number, search: string) =>
  queryOptions({
    queryKey: ['admin', 'users', page, search],
    queryFn: ({ signal }) =>
      api<AccountList>('/api/admin/users', { query: { page, limit: LIMIT, search }, signal }),
    placeholderData: keepPreviousData,
  })

export const allOrdersQuery = (page: number, status: string) =>
  queryOptions({
    queryKey: ['admin', 'orders', page, status],
    queryFn: ({ signal }) =>
      api<OrderList>('/api/admin/orders', { query: { page, limit: LIMIT, status }, signal }),
    placeholderData: keepPreviousData,
  })

export const auditQuery = (page: number) =>
  queryOptions({
    queryKey: ['admin', 'audit', page],
    queryFn: ({ signal }) => api<AuditList>('/api/admin/audit', { query: { page, limit: LIMIT }, signal }),
    placeholderData: keepPreviousData,
  })

export async function changeAccount(
  id: string,
  change: { role?: Role; disabled?: boolean },
): Promise<Account> {
  return (await api<{ user: Account }>(`/api/admin/users/${id}`, { method: 'PATCH', body: change })).user
}

export async function refundOrder(id: string): Promise<Order> {
  return (await api<{ order: Order }>(`/api/orders/${id}/refund`, { method: 'POST' })).order
}

/** Creates a product, or replaces the one with this id. */
export async function saveProduct(body: ProductInput, id?: number): Promise<Product> {
  const path = id === undefined ? '/api/products' : `/api/products/${id}`
  return (await api<{ product: Product }>(path, { method: id === undefined ? 'POST' : 'PUT', body })).product
}

export const archiveProduct = (id: number): Promise<void> => api(`/api/products/${id}`, { method: 'DELETE' })

export async function uploadImage(id: number, body: Blob): Promise<Product> {
  return (await api<{ product: Product }>(`/api/products/${id}/image`, { method: 'PUT', body })).product
}
