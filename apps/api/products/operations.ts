import { z } from 'zod'
import { only } from '../openapi/fields.ts'
import type { Operation } from '../openapi/operation.ts'
import { categoryList, listQuery, newProduct, product, productList, replacement } from './schema.ts'

const tag = 'products'
const params = z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) })
const answer = only('product', product)
const cache = z.object({
  'X-Cache': z.enum(['hit', 'miss']).meta({ description: 'whether it had been kept from before' }),
})
const ifMatch = z.object({
  'If-Match': z
    .string()
    .optional()
    .meta({ description: 'the ETag under which it was read: 412 if somebody has changed it since' }),
})

export const productOperations: Operation[] = [
  {
    id: 'listProducts',
    method: 'get',
    path: '/api/products',
    tag,
    access: 'anyone',
    summary: 'A page of the catalogue',
    query: listQuery,
    answers: {
      200: {
        description: 'The page; empty beyond the last one.',
        schema: productList,
        headers: cache,
      },
    },
  },
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
        schema: categoryList,
        headers: cache,
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
    headers: ifMatch,
    body: { schema: replacement },
    answers: { 200: { description: 'The product as it is now.', schema: answer } },
    problems: [409, 412],
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
    headers: ifMatch,
    answers: { 204: { description: 'It is gone from the shop.' } },
    problems: [412],
  },
  {
    id: 'putProductImage',
    method: 'put',
    path: '/api/products/:id/image',
    tag,
    access: 'admin',
    summary: 'Give a product an image',
    params,
    headers: ifMatch,
    body: { type: ['image/png', 'image/jpeg', 'image/webp'] },
    answers: { 200: { description: 'The product with its image.', schema: answer } },
    problems: [408, 412],
  },
]
