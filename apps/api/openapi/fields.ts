import { z } from 'zod'

/** Parts of answers that many features share. */
export const timestamp = z.iso.datetime()
export const cents = z.int().min(0).meta({ description: 'in cents' })
export const uuid = z.uuid()

export const pagination = z
  .object({
    page: z.int().min(1),
    limit: z.int().min(1),
    total: z.int().min(0).meta({ description: 'how many there are on all pages' }),
    pages: z.int().min(0),
  })
  .meta({ id: 'Pagination' })

/** An answer of a single field, such as {order}. */
export const only = <K extends string, S extends z.ZodType>(name: K, schema: S) =>
  z.object({ [name]: schema } as Record<K, S>)
