import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../apps/core/database.ts'
import { isDatabaseBusy, isDatabaseLost } from '../../apps/core/database-lost.ts'
import { type OwnDatabase, ownDatabase } from './database.ts'

const STATEMENT_MS = 100

let own: OwnDatabase
let database: Database

beforeAll(async () => {
  own = await ownDatabase()
  const settings = { DATABASE_URL: own.url, DATABASE_POOL: 2 }
  database = openDatabase(settings, undefined, 'service', STATEMENT_MS)
})

afterAll(async () => {
  await database?.$disconnect()
  await own?.drop()
})

/** What a query failed with. */
const failure = (query: Promise<unknown>): Promise<unknown> =>
  query.then(
    () => undefined,
    (error: unknown) => error,
  )

it.each<[string, (on: Pick<Database, '$executeRaw'>) => Promise<unknown>]>([
  ['by itself', (on) => on.$executeRaw`SELECT pg_sleep(5)`],
  ['in a transaction', () => database.$transaction((on) => on.$executeRaw`SELECT pg_sleep(5)`)],
])('a statement that is ended at its time limit, %s, is one of a busy database', async (_, run) => {
  const error = await failure(run(database))
  expect([isDatabaseBusy(error), isDatabaseLost(error)]).toEqual([true, false])
})

it('so is one of two that wait for each other', async () => {
  const [first, second] = await own.sql<{ id: string }>('SELECT id::text FROM products ORDER BY id LIMIT 2')
  const patient = openDatabase({ DATABASE_URL: own.url, DATABASE_POOL: 2 }, undefined, 'service', 10_000)
  let both = 0
  const met = Promise.withResolvers<void>()
  const lock = (one?: string, other?: string) =>
    patient.$transaction(async (on) => {
      await on.$executeRaw`UPDATE products SET stock = stock WHERE id::text = ${one}`
      both += 1
      if (both === 2) met.resolve()
      await met.promise
      await on.$executeRaw`UPDATE products SET stock = stock WHERE id::text = ${other}`
    })
  const errors = await Promise.all([
    failure(lock(first?.id, second?.id)),
    failure(lock(second?.id, first?.id)),
  ])
  await patient.$disconnect()
  expect(errors.filter(Boolean).map(isDatabaseBusy)).toEqual([true])
})
