import { z } from 'zod'
import { timestamp, uuid } from '../openapi/fields.ts'

const count = z.int().min(0)

/** How far an import is; `rows` counts those that are done, without the header. */
export const productImport = z
  .object({
    id: uuid,
    status: z.enum(['queued', 'running', 'finished', 'failed']),
    bytes: z.int().min(1),
    rows: count,
    created: count,
    updated: count,
    rejected: count,
    failure: z.string().nullable().meta({ description: 'why it ended before the end of the table' }),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    finished_at: timestamp.nullable(),
  })
  .meta({ id: 'ProductImport' })

export const importError = z
  .object({
    row: z.int().min(2).meta({ description: 'the header is row 1' }),
    column: z.string().meta({ example: 'price' }),
    message: z.string(),
  })
  .meta({ id: 'ImportError' })
