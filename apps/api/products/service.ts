import type { AnswerCache } from './cache.ts'
import type { ProductRepository } from './repository.ts'

export type Page = { page: number; limit: number }

export type ProductService = {
  /** A page of the catalogue as JSON text, ready to send. */
  list(page: Page): Promise<{ json: string; cached: boolean }>
  stockChanged(): Promise<void>
}

export function productService(repository: ProductRepository, cache: AnswerCache): ProductService {
  return {
    stockChanged: () => cache.empty(),
    async list({ page, limit }) {
      const { answer, store } = await cache.look(`page=${page}&limit=${limit}`)
      if (answer !== undefined) return { json: answer, cached: true }
      const { products, total } = await repository.list((page - 1) * limit, limit)
      const pages = Math.ceil(total / limit)
      const json = JSON.stringify({ products, pagination: { page, limit, total, pages } })
      void store(json)
      return { json, cached: false }
    },
  }
}
