import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type KindName, kinds } from '../../../../apps/reports/imports/kinds.ts'
import { type Tallied, tally } from '../../../../apps/reports/imports/tally.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A shop that has the products below 100. */
const database = {
  async $queryRaw(_text: unknown, ids: number[]) {
    return ids.filter((id) => id < 100).map((id) => ({ id }))
  },
} as unknown as Tallied['database']

const PIECE = 64 * 1024
const fileOf = (header: string, row: (number: number) => string, rows: number) => {
  const lines = Array.from({ length: rows }, (_, index) => row(index + 2))
  const bytes = Buffer.from([header, ...lines].join('\n'))
  // As a connection brings them.
  return Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, n) =>
    bytes.subarray(n * PIECE, (n + 1) * PIECE),
  )
}
const count = (name: KindName, file: Buffer[], more: Partial<Tallied> = {}) =>
  tally(file, { database, kind: kinds[name], partial: false, ...more })

test('a file of the most rows is held as rows no more than two batches at a time', async () => {
  const campaign = (row: number) => `2026-11-15,web,campaign number ${row} of many,9.99,1,1`
  const file = fileOf('day,channel,campaign,spend,clicks,impressions', campaign, 200_000)
  const heaps: number[] = []
  const sizes = new Set<number>()
  let batches = 0
  const store: Tallied['store'] = async (entries) => {
    sizes.add(entries.length)
    if (++batches % 8 !== 1) return
    collectGarbage()
    heaps.push(process.memoryUsage().heapUsed)
  }
  expect(await count('ad-spend', file, { store })).toEqual({ rows: 200_000, accepted: 200_000, errors: [] })
  expect([...sizes]).toEqual([5000])
  const grown = (Math.max(...heaps) - (heaps[0] ?? 0)) / 2 ** 20
  console.log(`${grown.toFixed(1)} MiB more than at the first batch`)
  expect(grown).toBeLessThan(16)
}, 60_000)

test('nothing is stored any more behind the first mistake, and mistakes are told in their order', async () => {
  const cost = (row: number) => (row === 7002 ? 'x,2026-11-01,1' : `${row === 9002 ? 500 : 1},2026-11-01,1`)
  const file = fileOf('product_id,valid_from,cost', cost, 12_000)
  const stored: number[] = []
  const store: Tallied['store'] = async (entries) => void stored.push(entries.length)
  await expect(count('costs', file, { store })).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('2 of 12000 rows'),
    members: {
      rejected: 2,
      errors: [
        { row: 7002, column: 'product_id', message: 'should be the id of a product' },
        { row: 9002, column: 'product_id', message: 'there is no product 500' },
      ],
    },
  })
  expect(stored).toEqual([5000])
  const { accepted } = await count('costs', file, { store, partial: true })
  expect([accepted, stored]).toEqual([11_998, [5000, 5000, 4998, 2000]])
})

test('of mistakes all over a file the first hundred are told', async () => {
  const cost = (row: number) => `${row % 2 ? 'x' : 500},2026-11-01,1`
  const failed = await count('costs', fileOf('product_id,valid_from,cost', cost, 11_000)).catch(
    (error) => error,
  )
  expect(failed.members.rejected).toBe(11_000)
  expect(failed.members.errors.map(({ row }: { row: number }) => row)).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 2),
  )
})
