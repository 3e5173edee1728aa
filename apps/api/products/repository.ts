import type { Database } from '../../core/database.ts'

/** A product as clients see it. */
export type Product = {
  id: number
  name: string
  description: string
  price_cents: number
  stock: number
  category: string
  image_url: string | null
}

export type ProductRepository = {
  list(skip: number, take: number): Promise<{ products: Product[]; total: number }>
}

export function productRepository(database: Database): ProductRepository {
  return {
    async list(skip, take) {
      const [rows, total] = await Promise.all([
        database.product.findMany({ orderBy: { id: 'asc' }, skip, take }),
        database.product.count(),
      ])
      return { products: rows.map(toProduct), total }
    },
  }
}

type Row = {
  id: number
  name: string
  description: string
  priceCents: number
  stock: number
  category: string
  imageUrl: string | null
}

function toProduct(row: Row): Product {
  const { id, name, description, stock, category } = row
  return { id, name, description, price_cents: row.priceCents, stock, category, image_url: row.imageUrl }
}
