import { z } from 'zod'
import { pageQuery } from '../pagination.ts'

/** How deep a listing can be paged through: what lies before a page is read and thrown away. */
const DEEPEST = 100_000
const MOST_CENTS = 10_000_000
export const MOST_STOCK = 1_000_000_000

// PostgreSQL keeps no NUL and in JSON no half of a surrogate pair; nobody means the other control characters.
const unprintable = 'has control characters or half a character'
const line = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, unprintable)
/** A form sends what was left empty as an empty text. */
const filter = (most: number) => line(most).transform((text) => text || undefined)

/** What a client may ask of the list. */
export const listQuery = pageQuery(DEEPEST)
  .extend({
    search: filter(100).optional(),
    category: filter(60).optional(),
  })
  .refine(({ page, limit }) => page * limit <= DEEPEST, {
    path: ['page'],
    message: `the list can be paged through to number ${DEEPEST}: search, or choose a category`,
  })
export type ListQuery = z.infer<typeof listQuery>

/** A product as clients see it; money in cents. */
export const product = z.object({
  id: z.int().positive(),
  name: z.string(),
  description: z.string(),
  price_cents: z.int().min(0),
  stock: z.int().min(0),
  category: z.string(),
  image_url: z.string().nullable(),
})
export type Product = z.infer<typeof product>

export const pagination = z.object({
  page: z.int().min(1),
  limit: z.int().min(1).max(100),
  total: z.int().min(0),
  pages: z.int().min(0),
})

export const productList = z.object({ products: z.array(product), pagination })
export const categoryList = z.object({
  categories: z.array(z.object({ name: z.string(), products: z.int().positive() })),
})
export type Category = z.infer<typeof categoryList>['categories'][number]

/** A path of this shop or an address elsewhere; never a script. */
const imageUrl = z
  .string()
  .max(2048)
  .regex(/^(\/[A-Za-z0-9]|https:\/\/[A-Za-z0-9])[\w.~:/?#@!$&*+,;=%-]*$/, 'should begin with / or https://')

/** What an admin sends to create a product. */
export const newProduct = z.object({
  name: line(200).min(1),
  description: z
    .string()
    .trim()
    .max(5000)
    .regex(/^([^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, unprintable),
  price_cents: z.int().min(0).max(MOST_CENTS),
  stock: z.int().min(0).max(MOST_STOCK),
  category: line(60).min(1),
  image_url: imageUrl.nullable().default(null),
})
export type NewProduct = z.infer<typeof newProduct>

/** What an admin sends to replace one; stock and picture that are left out stay as they are. */
export const replacement = newProduct.extend({
  stock: newProduct.shape.stock.optional(),
  image_url: imageUrl.nullable().optional(),
})
export type Replacement = z.infer<typeof replacement>
