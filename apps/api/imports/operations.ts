import { z } from 'zod'
import { only, pagination, uuid } from '../openapi/fields.ts'
import type { Operation } from '../openapi/operation.ts'
import { pageQuery } from '../pagination.ts'
import { importError, productImport } from './schemas.ts'

const tag = 'administration'
const path = '/api/admin/imports/products'

export const importOperations: Operation[] = [
  {
    id: 'importProducts',
    method: 'post',
    path,
    tag,
    access: 'admin',
    summary: 'Upload a table of products',
    description:
      'CSV in UTF-8, at most 10 MiB. The first row names the columns name, description, price (12.34), stock and ' +
      'category, in any order. A product of that name becomes what the row says; any other is new. A worker stores ' +
      'the rows in the background; rows with errors are left out.',
    body: { type: 'text/csv' },
    answers: {
      202: {
        description: 'It is safely kept, and waits for a worker.',
        schema: only('import', productImport),
      },
    },
    problems: [408, 422],
  },
  {
    id: 'listProductImports',
    method: 'get',
    path,
    tag,
    access: 'admin',
    summary: 'Tables of products that were uploaded',
    query: pageQuery(),
    answers: {
      200: {
        description: 'The page, newest first.',
        schema: z.object({ imports: z.array(productImport), pagination }),
      },
    },
  },
  {
    id: 'getProductImport',
    method: 'get',
    path: `${path}/:id`,
    tag,
    access: 'admin',
    summary: 'How far an import is, and what was wrong with its rows',
    params: z.object({ id: uuid }),
    answers: {
      200: {
        description: 'The import, with its first 100 errors.',
        schema: z.object({ import: productImport, errors: z.array(importError) }),
      },
    },
  },
]
