import { HttpError } from '../errors.ts'
import { paginate } from '../pagination.ts'
import { type Answer, toAnswer } from './answer.ts'
import type { AnswerCache } from './cache.ts'
import type { Product, ProductRepository } from './repository.ts'
import type { ListQuery } from './schema.ts'
import { shareWork } from './share-work.ts'

/** An answer ready to send, and whether it was in the cache. */
export type Served = { answer: Answer; cached: boolean }

export type ProductService = {
  /** A page of the catalogue. */
  list(query: ListQuery): Promise<Served>
  /** The categories that have products, by name, with their numbers of products. */
  categories(): Promise<Served>
  /** One product, as it is now: it is what an admin edits and a customer orders. Errors: 404. */
  find(id: number): Promise<Product>
  /** Must be called after every change of products or stock. Never fails. */
  stockChanged(): Promise<void>
}

/**
 * What clients page through in practice. Only that is cached: with every page of every size, whoever makes up queries
 * would push sessions out of Redis.
 */
const CACHED_LIMITS = new Set([5, 10, 12, 20, 24, 50, 100])
const CACHED_PAGES = 5

export const unknownProduct = (id: number | string): HttpError =>
  new HttpError(404, `there is no product ${id}`)

export function productService(repository: ProductRepository, cache: AnswerCache): ProductService {
  const share = shareWork<Served>()

  /** `make` gives what to answer and whether its key may stay in the cache. */
  async function serve(key: string, make: () => Promise<{ value: unknown; keep: boolean }>): Promise<Served> {
    const known = await cache.known?.(key)
    if (known) return { answer: known, cached: true }
    return share(key, async () => {
      const { answer, store } = await cache.look(key)
      if (answer) return { answer, cached: true }
      const { value, keep } = await make()
      const made = toAnswer(value)
      if (keep) void store(made)
      return { answer: made, cached: false }
    })
  }

  async function makePage({ page, limit, search, category }: ListQuery) {
    const listing = { search, category, skip: (page - 1) * limit, take: limit }
    const { products, total } = await repository.list(listing)
    return { products, pagination: paginate({ page, limit }, total) }
  }

  return {
    async list(query) {
      const { page, limit, search, category } = query
      const key = JSON.stringify([page, limit, category, search])
      if (search !== undefined || page > CACHED_PAGES || !CACHED_LIMITS.has(limit)) {
        return share(key, async () => ({ answer: toAnswer(await makePage(query)), cached: false }))
      }
      return serve(key, async () => {
        const value = await makePage(query)
        // A category that somebody made up leaves nothing behind.
        return { value, keep: category === undefined || value.pagination.total > 0 }
      })
    },
    categories: () =>
      serve('categories', async () => ({ value: { categories: await repository.categories() }, keep: true })),
    async find(id) {
      const product = await repository.find(id)
      if (!product) throw unknownProduct(id)
      return product
    },
    stockChanged: () => cache.empty(),
  }
}
