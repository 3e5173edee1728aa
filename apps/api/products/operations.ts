import { z } from 'zod'
import { cents, only, pageQuery, pagination } from '../openapi/fields.ts'
import type { Operation } from '../openapi/operation.ts'

const product = z
  .object({
    id: z.int().positive(),
    name: z.string(),
    description: z.string(),
    price_cents: cents,
    stock: z.int().min(0),
    category: z.string(),
    image_url: z.string().nullable().meta({ example: '/api/uploads/0123456789abcdef-mug.png' }),
  })
  .meta({ id: 'Product' })

const productPage = z.object({ products: z.array(product), pagination }).meta({ id: 'ProductPage' })

const tag = 'products'

export const productOperations: Operation[] = [
  {
    id: 'listProducts',
    method: 'get',
    path: '/api/products',
    tag,
    access: 'anyone',
    summary: 'A page of the catalogue',
    query: pageQuery,
    answers: {
      200: {
        description: 'The page; empty beyond the last one.',
        schema: productPage,
        headers: z.object({
          'X-Cache': z.enum(['hit', 'miss']).meta({ description: 'whether it came out of Redis' }),
        }),
      },
    },
  },
]

const params = z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) })
const { name, description, price_cents, stock, category } = product.shape
const newProduct = z
  .object({
    name: name.trim().min(1).max(200),
    description: description.max(10_000),
    price_cents: price_cents.max(100_000_000),
    stock: stock.max(1_000_000),
    category: category.trim().min(1).max(100),
  })
  .meta({ id: 'NewProduct' })
const answer = only('product', product)

export const categoryOperations: Operation[] = [
  {
    id: 'listCategories',
    method: 'get',
    path: '/api/products/categories',
    tag,
    access: 'anyone',
    summary: 'The categories, and how many products each has',
    answers: {
      200: {
        description: 'All of them; guests may keep them for five minutes.',
        schema: only('categories', z.array(z.object({ name: z.string(), products: z.int().min(1) }))),
      },
    },
  },
  {
    id: 'getProduct',
    method: 'get',
    path: '/api/products/:id',
    tag,
    access: 'anyone',
    summary: 'A product',
    params,
    answers: { 200: { description: 'The product.', schema: answer } },
  },
]

export const catalogueOperations: Operation[] = [
  {
    id: 'createProduct',
    method: 'post',
    path: '/api/products',
    tag,
    access: 'admin',
    summary: 'Add a product',
    body: { schema: newProduct },
    answers: { 201: { description: 'It is in the shop.', schema: answer } },
  },
  {
    id: 'replaceProduct',
    method: 'put',
    path: '/api/products/:id',
    tag,
    access: 'admin',
    summary: 'Change a product',
    params,
    body: { schema: newProduct },
    answers: { 200: { description: 'The product as it is now.', schema: answer } },
  },
  {
    id: 'archiveProduct',
    method: 'delete',
    path: '/api/products/:id',
    tag,
    access: 'admin',
    summary: 'Take a product out of the shop',
    description: 'Orders keep it.',
    params,
    answers: { 204: { description: 'It is gone from the shop.' } },
  },
  {
    id: 'putProductImage',
    method: 'put',
    path: '/api/products/:id/image',
    tag,
    access: 'admin',
    summary: 'Give a product an image',
    params,
    body: { type: ['image/png', 'image/jpeg', 'image/webp'] },
    answers: { 200: { description: 'The product with its image.', schema: answer } },
    problems: [408],
  },
]
