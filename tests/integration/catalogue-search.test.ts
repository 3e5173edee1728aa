import { assert, asyncProperty, constantFrom, oneof, string } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  countStatement,
  type Listing,
  type ProductRepository,
  pageStatement,
  productRepository,
} from '../../apps/api/products/repository.ts'
import { listQuery } from '../../apps/api/products/schema.ts'
import { searchStatement } from '../../apps/api/products/search.ts'
import type { Database } from '../../apps/core/database.ts'
import type { Prisma } from '../../prisma/generated/client.ts'
import { type OwnDatabase, ownDatabase } from './database.ts'
import { planOf as plan } from './plan.ts'

let own: OwnDatabase
let database: Database
let products: ProductRepository

const MANY = 20_000

beforeAll(async () => {
  own = await ownDatabase()
  // 40 categories, one of them with 5 products only; a word in every product, one in each 100th, one in each 1000th.
  await own.sql(`
    INSERT INTO products (name, description, price_cents, stock, category, archived_at)
    SELECT
      'Item ' || n || CASE WHEN n % 1000 = 0 THEN ' Trombone' ELSE '' END,
      'Made in workshop w' || n % 97 || CASE WHEN n % 100 = 0 THEN ', fits a trombone' ELSE '' END,
      100 + n, n % 50,
      CASE WHEN n <= 5 THEN 'rare' ELSE 'category ' || n % 40 END,
      CASE WHEN n % 200 = 7 THEN now() END
    FROM generate_series(1, ${MANY}) AS n`)
  await own.sql('VACUUM ANALYZE products')
  database = own.open()
  products = productRepository(database)
})

afterAll(() => own.drop())

const names = async (listing: Partial<Listing>) =>
  (await products.list({ skip: 0, take: 100, ...listing })).products.map(({ name }) => name)

describe('a search', () => {
  test.each([
    ['a word', 'mug', ['Enamel mug']],
    ['the beginning of a word', 'enam', ['Enamel mug']],
    ['words in any order, the last unfinished', 'mug enam', ['Enamel mug']],
    ['a word of the description', 'merino', ['Wool beanie']],
    ['words of name and description', 'wool recycled', ['Wool blanket']],
    ['capitals', 'CAST IRON', ['Cast iron pan']],
    ['a part of a compound', 'over dripper', ['Pour-over dripper']],
    ['an unfinished compound', 'pour-ov', ['Pour-over dripper']],
    ['a word that is no other than the last unfinished', 'enam mug', []],
    ['marks only', '!?', []],
    ['a word and marks', '& mug', ['Enamel mug']],
  ])('finds by %s', async (_name, search, expected) => {
    expect(await names({ search })).toEqual(expected)
  })

  test('shows first what has the words in its name, and pages through all of it', async () => {
    const search = 'trombone'
    const first = await products.list({ search, skip: 0, take: 30 })
    expect(first.total).toBe(200)
    expect(first.products.slice(0, 20).every(({ name }) => name.endsWith('Trombone'))).toBe(true)
    expect(first.products.slice(20).some(({ name }) => name.endsWith('Trombone'))).toBe(false)
    const pages = await Promise.all(
      [0, 50, 100, 150].map((skip) => products.list({ search, skip, take: 50 })),
    )
    expect(new Set(pages.flatMap((page) => page.products.map(({ id }) => id))).size).toBe(200)
    expect(await products.list({ search, skip: 200, take: 50 })).toEqual({ products: [], total: 200 })
  })

  test('stays within a category', async () => {
    const { total } = await products.list({ search: 'trombone', category: 'category 0', skip: 0, take: 5 })
    expect(total).toBe(100)
  })

  test('that nearly everything matches finds the first thousand', async () => {
    expect((await products.list({ search: 'item', skip: 990, take: 20 })).products).toHaveLength(10)
    expect((await products.list({ search: 'i', skip: 0, take: 1 })).total).toBe(1000)
  })

  test('never shows what left the shop', async () => {
    expect(await names({ search: 'item 207' })).not.toContain('Item 207')
    expect(await names({ search: 'item 208' })).toContain('Item 208')
  })

  test('takes whatever anybody types', async () => {
    const operators = constantFrom(
      '&',
      '|',
      '!',
      ':*',
      '<->',
      '(',
      ')',
      "'",
      "''",
      '\\',
      '"',
      ' ',
      '-',
      'mug',
      '%',
    )
    const typed = oneof(
      string({ unit: 'binary', maxLength: 100 }),
      string({ unit: 'grapheme', maxLength: 30 }),
      string({ unit: operators, maxLength: 30 }),
    )
    await assert(
      asyncProperty(typed, async (text) => {
        const parsed = listQuery.safeParse({ search: text })
        if (!parsed.success) return
        const { search } = parsed.data
        await products.list({ search, skip: 0, take: 1 })
      }),
      { numRuns: 300 },
    )
  })
})

describe('the plan of', () => {
  const planOf = (statement: Prisma.Sql) => plan(database, statement)

  test.each(['trombone', 'tromb', 'made trombone', 'w5'])(
    'a search for %s uses the index of words, and reads no other row',
    async (search) => {
      const plan = await planOf(searchStatement({ search, category: undefined, skip: 0, take: 20 }))
      expect(plan).toContain('Bitmap Index Scan products_search_idx')
      expect(plan).not.toContain('Seq Scan')
    },
  )

  test('a search for what nearly everything has walks by id, and stops when it has enough', async () => {
    const plan = await planOf(searchStatement({ search: 'item', category: undefined, skip: 0, take: 20 }))
    const walk = plan.indexOf('Index Scan products_pkey')
    expect(plan[walk - 1]).toBe('Limit')
  })

  test('a page of a large category sorts nothing', async () => {
    const plan = await planOf(pageStatement({ category: 'category 7', skip: 0, take: 20 }))
    expect(plan).toEqual(['Limit', expect.stringMatching(/^Index Scan products_(pkey|category_id_idx)$/)])
  })

  test.each(['rare', 'no such'])('a page of the category "%s" reads nothing of others', async (category) => {
    const plan = await planOf(pageStatement({ category, skip: 0, take: 20 }))
    expect(plan.at(-1)).toMatch(/Index Scan products_category_id_idx$/)
    expect(plan).not.toContain('Seq Scan')
  })

  test('the number of products in a category reads the index only', async () => {
    expect(await planOf(countStatement({ category: 'category 7' }))).toContain(
      'Index Only Scan products_category_id_idx',
    )
  })

  test('a page of everything walks by id, however deep', async () => {
    for (const skip of [0, 10_000]) {
      expect(await planOf(pageStatement({ category: undefined, skip, take: 20 }))).toEqual([
        'Limit',
        'Index Scan products_pkey',
      ])
    }
  })
})

test('the catalogue is listed in the order of ids, without what left the shop', async () => {
  const { products: page, total } = await products.list({ skip: 0, take: 100 })
  const ids = page.map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted((one, other) => one - other))
  expect(page.map(({ name }) => name)).not.toContain('Item 7')
  expect(total).toBe(12 + MANY - MANY / 200)
})

test('categories are those of products in the shop, with their numbers', async () => {
  await own.sql(`INSERT INTO products (name, description, price_cents, stock, category, archived_at)
    VALUES ('Old', 'Gone.', 1, 1, 'closed', now())`)
  const categories = await products.categories()
  expect(categories).toContainEqual({ name: 'rare', products: 5 })
  expect(categories).toContainEqual({ name: 'kitchen', products: 4 })
  expect(categories.map(({ name }) => name)).not.toContain('closed')
  expect(categories).toHaveLength(40 + 1 + 5)
})
