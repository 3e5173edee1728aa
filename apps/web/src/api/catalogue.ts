import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './shop.ts'
import type { Category, Product, ProductList } from './types.ts'

export type ProductFilter = { page?: number; limit?: number; search?: string; category?: string }

/** `fresh`: for those who change products and want to see it at once; others may see what is minutes old. */
export const productsQuery = (filter: ProductFilter, fresh = false) =>
  queryOptions({
    queryKey: ['products', filter, fresh],
    queryFn: ({ signal }) => api<ProductList>('/api/products', { query: filter, fresh, signal }),
    placeholderData: keepPreviousData,
  })

/** Always of now: people decide by its price and stock. */
export const productQuery = (id: number) =>
  queryOptions({
    queryKey: ['product', id],
    queryFn: async ({ signal }) =>
      (await api<{ product: Product }>(`/api/products/${id}`, { fresh: true, signal })).product,
  })

export const categoriesQuery = () =>
  queryOptions({
    queryKey: ['categories'],
    queryFn: async ({ signal }) =>
      (await api<{ categories: Category[] }>('/api/products/categories', { signal })).categories,
    staleTime: 300_000,
  })
