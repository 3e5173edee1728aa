import { Prisma } from '../../../prisma/generated/client.ts'
import type { Database, Transaction } from '../../core/database.ts'
import type { Category, Product } from './schema.ts'
import { type Found, searchStatement } from './search.ts'

export type { Product } from './schema.ts'

/** Which products of the catalogue: `skip` and `take` count products. */
export type Listing = {
  search?: string | undefined
  category?: string | undefined
  skip: number
  take: number
}

/** Reads the catalogue; products that left the shop are nowhere in it. */
export type ProductRepository = {
  list(listing: Listing): Promise<{ products: Product[]; total: number }>
  categories(): Promise<Category[]>
  find(id: number): Promise<Product | null>
}

export function productRepository(database: Database): ProductRepository {
  async function search({ search, category, skip, take }: Listing & { search: string }) {
    const [found] = await database.$queryRaw<Found[]>(searchStatement({ search, category, skip, take }))
    const { total, ids } = found ?? { total: 0, ids: [] }
    if (ids.length === 0) return { products: [], total }
    const rows = await database.$queryRaw<Product[]>`
      SELECT ${columns} FROM products WHERE id = ANY(${ids}) AND archived_at IS NULL`
    const byId = new Map(rows.map((row) => [row.id, row]))
    return { products: ids.flatMap((id) => byId.get(id) ?? []), total }
  }

  return {
    async list({ search: words, ...listing }) {
      if (words !== undefined) return search({ ...listing, search: words })
      const [products, [counted]] = await Promise.all([
        database.$queryRaw<Product[]>(pageStatement(listing)),
        database.$queryRaw<{ total: number }[]>(countStatement(listing)),
      ])
      return { products, total: counted?.total ?? 0 }
    },
    categories: () => database.$queryRaw<Category[]>(categoriesStatement),
    async find(id) {
      const [row] = await database.$queryRaw<Product[]>(findStatement(id))
      return row ?? null
    },
  }
}

/** Reads a product and keeps it as it is until the transaction ends: nobody sells or edits it meanwhile. */
export async function lockProduct(transaction: Transaction, id: number): Promise<Product | null> {
  const [row] = await transaction.$queryRaw<Product[]>`${findStatement(id)} FOR NO KEY UPDATE`
  return row ?? null
}

const columns = Prisma.sql`id, name, description, price_cents, stock, category, image_url`

const inCategory = (category: string | undefined): Prisma.Sql =>
  category === undefined ? Prisma.empty : Prisma.sql`AND category = ${category}`

const findStatement = (id: number): Prisma.Sql =>
  Prisma.sql`SELECT ${columns} FROM products WHERE id = ${id} AND archived_at IS NULL`

/** A page of the catalogue or of one category, in the order of ids. */
export const pageStatement = ({ category, skip, take }: Omit<Listing, 'search'>): Prisma.Sql =>
  Prisma.sql`SELECT ${columns} FROM products WHERE archived_at IS NULL ${inCategory(category)}
    ORDER BY id LIMIT ${take} OFFSET ${skip}`

export const countStatement = ({ category }: Pick<Listing, 'category'>): Prisma.Sql =>
  Prisma.sql`SELECT count(*)::int AS total FROM products WHERE archived_at IS NULL ${inCategory(category)}`

const categoriesStatement = Prisma.sql`
  SELECT category AS name, count(*)::int AS products FROM products WHERE archived_at IS NULL
  GROUP BY category ORDER BY category`
