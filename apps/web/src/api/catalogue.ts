import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './shop.ts'
import type { Category, Product, ProductList } from './types.ts'

export type ProductFilter = { page?: number; limit?: number; search?: string; category?: string }

export const productsQuery = (filter: ProductFilter) =>
  queryOptions({
    queryKey: ['products', filter],
    queryFn: ({ signal }) => api<ProductList>('/api/products', { query: filter, signal }),
    placeholderData: keepPreviousData,
  })

export const productQuery = (id: number) =>
  queryOptions({
    queryKey: ['product', id],
    queryFn: async ({ signal }) =>
      (await api<{ product: Product }>(`/api/products/${id}`, { signal })).product,
  })

export const categoriesQuery = () =>
  queryOptions({
    queryKey: ['categories'],
    queryFn: async ({ signal }) =>
      (await api<{ categories: Category[] }>('/api/products/categories', { signal })).categories,
    staleTime: 300_000,
  })
