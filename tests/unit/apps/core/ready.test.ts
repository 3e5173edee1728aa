import { describe, expect, it } from 'vitest'
import type { Database } from '../../../../apps/core/database.ts'
import { lookAtDatabase } from '../../../../apps/core/ready.ts'

const URL_WITH_SECRET = 'postgresql://shop:hunter2@db.example:5433/shop'
const failing = (error: unknown) => ({ $queryRaw: () => Promise.reject(error) }) as unknown as Database
const holding = (rows: object[]) => ({ $queryRaw: async () => rows }) as unknown as Database

describe('looking at the database', () => {
  it('names host, port, database and the error', async () => {
    const error = { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '3D000' } } } }
    expect(await lookAtDatabase(failing(error), URL_WITH_SECRET)).toBe(
      'PostgreSQL at db.example:5433/shop: the database does not exist',
    )
  })

  it('names the migrations that are missing', async () => {
    const missing = await lookAtDatabase(holding([]), URL_WITH_SECRET)
    expect(missing).toMatch(
      /^PostgreSQL at db\.example:5433\/shop: 0 of \d+ migrations applied \(not applied yet: \d+_\w+/,
    )
  })

  it('never prints the password, even if an error does', async () => {
    const missing = await lookAtDatabase(failing(new Error(`cannot use ${URL_WITH_SECRET}`)), URL_WITH_SECRET)
    expect(missing).toContain('db.example')
    expect(missing).not.toContain('hunter2')
  })
})
