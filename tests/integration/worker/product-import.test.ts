import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { authenticate, type Principal } from '../../../apps/api/auth/principal.ts'
import { answerError } from '../../../apps/api/errors.ts'
import { importRoutes } from '../../../apps/api/imports/routes.ts'
import { type ProductImport, productImports } from '../../../apps/api/imports/service.ts'
import { requestId } from '../../../apps/api/request-id.ts'
import { importFile } from '../../../apps/core/product-imports.ts'
import { importActivities } from '../../../apps/worker/product-import/activities.ts'
import { openImports } from '../../../apps/worker/product-import/store.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

const ADMIN = '00000000-0000-4000-8000-00000000000a'
const people: Record<string, Principal> = {
  admin: { id: ADMIN, role: 'admin' },
  user: { id: '00000000-0000-4000-8000-00000000000b', role: 'user' },
}

let own: OwnDatabase
let folder: string
let server: Server
let url: string

beforeAll(async () => {
  own = await ownDatabase()
  folder = await mkdtemp(join(tmpdir(), 'imports-'))
  const app = express()
  app.use((request, response, next) => {
    requestId(request, response)
    next()
  })
  app.use(authenticate({ verify: async (token) => people[token] as Principal }))
  app.use('/imports', importRoutes(productImports(own.open(), folder)))
  app.use(answerError)
  server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/imports`
})
afterAll(async () => {
  server?.close()
  await own?.drop()
  await rm(folder, { recursive: true })
})
beforeEach(() => own.sql('DELETE FROM products; DELETE FROM outbox; DELETE FROM product_imports'))

type Answer = {
  status: number
  body: { import: ProductImport; errors: object[]; imports: ProductImport[]; detail: string }
}

async function ask(path = '', options: RequestInit = {}, token = 'admin'): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, ...options.headers }
  const response = await fetch(url + path, { ...options, headers })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}
const post = (body: string | Buffer, token?: string, type = 'text/csv') =>
  ask('', { method: 'POST', body, headers: { 'content-type': type } }, token)
const upload = async (text: string | Buffer) => (await post(text)).body.import.id
const result = async (id: string) => (await ask(`/${id}`)).body

/** Activities of a worker that is killed when it has stored so many batches. */
function worker(batchesLeft = Number.POSITIVE_INFINITY, database = own.open('service', 2)) {
  let left = batchesLeft
  const seen: number[] = []
  const activities = importActivities({
    ...{ database, uploads: folder, batchRows: 10 },
    changed: async () => {},
    progress: (rows) => {
      seen.push(rows)
      if (--left === 0) throw new Error('killed')
    },
  })
  return { ...activities, seen }
}

const HEADER = 'name,description,price,stock,category\n'
const rows = (count: number, price = '1.50') =>
  HEADER + Array.from({ length: count }, (_, at) => `Thing ${at},,${price},${at},things`).join('\n')
const products = () =>
  own.sql<{ name: string; price_cents: number; stock: number; description: string; category: string }>(
    'SELECT name, description, price_cents, stock, category FROM products ORDER BY id',
  )

describe('an import', () => {
  test('is accepted, waits for a worker, and ends with every row a product', async () => {
    const answer = await post(
      `\ufeffCategory, Stock,price,NAME,description\nkitchen,7,45,Kettle,"Whistles,\nloudly."\n`,
    )
    expect(answer.status).toBe(202)
    const { id } = answer.body.import
    expect(answer.body.import).toMatchObject({ status: 'queued', rows: 0, finished_at: null })
    expect(await openImports(own.open('service', 1))).toEqual([id])
    expect(await worker().importProducts(id)).toBe(1)
    expect(await products()).toEqual([
      { name: 'Kettle', description: 'Whistles,\nloudly.', price_cents: 4500, stock: 7, category: 'kitchen' },
    ])
    const { import: ended, errors } = await result(id)
    expect(ended).toMatchObject({
      status: 'finished',
      rows: 1,
      created: 1,
      updated: 0,
      rejected: 0,
      failure: null,
    })
    expect(errors).toEqual([])
    expect(await openImports(own.open('service', 1))).toEqual([])
    await expect(access(importFile(folder, id))).rejects.toThrow('ENOENT')
    const audit = await own.sql('SELECT actor_id, details FROM audit_log WHERE target = $1', [
      `product-import:${id}`,
    ])
    expect(audit).toEqual([{ actor_id: ADMIN, details: { rows: 1, created: 1, updated: 0, rejected: 0 } }])
  })

  test('leaves out rows with errors, and says of each column what is wrong', async () => {
    const id = await upload(
      `${HEADER}Good,,1,1,x\n,,1,1,x\nBad,,1.234,-1,x\nShort,,2\nNul\0,,1,1,x\nHuge,,99999999,1,x\nAlso good,,0.5,0,x`,
    )
    await worker().importProducts(id)
    const { import: ended, errors } = await result(id)
    expect(ended).toMatchObject({ status: 'finished', rows: 7, created: 2, updated: 0, rejected: 5 })
    expect(errors).toEqual([
      { row: 3, column: 'name', message: expect.stringMatching(/>=1 char/) },
      { row: 4, column: 'price', message: 'should be an amount such as 12.34' },
      { row: 4, column: 'stock', message: 'should be a whole number' },
      { row: 5, column: 'category', message: expect.stringMatching(/>=1 char/) },
      { row: 5, column: 'stock', message: 'should be a whole number' },
      { row: 6, column: 'name', message: expect.stringMatching(/control characters/) },
      { row: 7, column: 'price', message: expect.stringMatching(/<=10000000/) },
    ])
    expect((await products()).map(({ name, price_cents }) => [name, price_cents])).toEqual([
      ['Good', 100],
      ['Also good', 50],
    ])
  })

  test('changes what is on sale under that name, tells of stock, and knows not which of two is meant', async () => {
    await own.sql(`INSERT INTO products (name, description, price_cents, stock, category, image_url)
      VALUES ('Thing 0', 'old', 1, 5, 'old', '/x.svg'), ('Thing 1', 'old', 1, 1, 'old', NULL),
             ('Thing 2', '', 1, 1, 'old', NULL), ('Thing 2', '', 1, 1, 'old', NULL)`)
    const id = await upload(rows(4))
    await worker().importProducts(id)
    const { import: ended, errors } = await result(id)
    expect(ended).toMatchObject({ created: 1, updated: 2, rejected: 1 })
    expect(errors).toEqual([
      { row: 4, column: 'name', message: '2 products have this name: change them one by one' },
    ])
    const [first] = await own.sql(
      `SELECT id, price_cents, stock, image_url FROM products WHERE name = 'Thing 0'`,
    )
    expect(first).toMatchObject({ price_cents: 150, stock: 0, image_url: '/x.svg' })
    const events = await own.sql<{ payload: object }>(
      `SELECT payload FROM outbox WHERE event = 'stock.changed'`,
    )
    expect(events.map(({ payload }) => payload)).toMatchObject([
      { stock: [{ product_id: first?.id, stock: 0 }] },
    ])
    const again = await upload(rows(2))
    await worker().importProducts(again)
    expect((await result(again)).import).toMatchObject({ created: 0, updated: 2 })
    expect(await products()).toHaveLength(5)
  })

  test('goes on after a crash with the batch behind the last one, and no row is stored twice', async () => {
    const id = await upload(rows(95))
    await expect(worker(3).importProducts(id)).rejects.toThrow('killed')
    expect((await result(id)).import).toMatchObject({ status: 'running', rows: 30, created: 30 })
    await expect(worker(4).importProducts(id)).rejects.toThrow('killed')
    const last = worker()
    expect(await last.importProducts(id)).toBe(95)
    expect(last.seen).toEqual([80, 90, 95])
    expect((await result(id)).import).toMatchObject({ status: 'finished', created: 95, updated: 0 })
    expect((await products()).map(({ stock }) => stock)).toEqual(Array.from({ length: 95 }, (_, at) => at))
    expect(await worker().importProducts(id)).toBe(0)
  })

  test('that two workers do at once is done by one of them', async () => {
    const id = await upload(rows(60))
    const both = await Promise.allSettled([worker().importProducts(id), worker().importProducts(id)])
    expect(both.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1)
    expect((await result(id)).import).toMatchObject({ status: 'finished', rows: 60, created: 60, updated: 0 })
    expect(await products()).toHaveLength(60)
  })
})

describe('a table', () => {
  test.each<[string, string | Buffer, RegExp, number]>([
    [
      'without a column',
      'name,price\nx,1',
      /^the first row lacks the columns description, stock, category$/,
      0,
    ],
    ['that is not UTF-8', Buffer.from(`${HEADER}Caf\xe9,,1,1,x\n`, 'latin1'), /^the table is not UTF-8$/, 0],
    ['with an open quote', `${rows(12)}\nx,"open,1,1,x\n`, /^after row 13: Quote Not Closed/, 12],
  ])('%s fails with the reason, and what was stored before stays', async (_, text, reason, most) => {
    const id = await upload(text)
    const { importProducts, failProductImport } = worker()
    const failure = await importProducts(id).catch((error) => error)
    expect(failure).toMatchObject({ type: 'ImportUnreadable', nonRetryable: true })
    await failProductImport(id, failure.message)
    const { import: ended } = await result(id)
    expect(ended.status).toBe('failed')
    expect(ended.rows).toBeLessThanOrEqual(most)
    expect(ended.failure).toMatch(reason)
    expect([ended.created, (await products()).length]).toEqual([ended.rows, ended.rows])
  })

  test('is taken from administrators, as CSV, with something in it, of 10 MiB at most', async () => {
    expect((await post(HEADER, 'user')).status).toBe(403)
    expect((await post(HEADER, 'admin', 'application/json')).status).toBe(415)
    expect((await post('')).status).toBe(422)
    const huge = await ask('', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: new ReadableStream({
        start(controller) {
          for (let mebibytes = 0; mebibytes < 11; mebibytes++)
            controller.enqueue(Buffer.alloc(1024 * 1024, 'x'))
          controller.close()
        },
      }),
      duplex: 'half',
    } as RequestInit)
    expect([huge.status, huge.body.detail]).toEqual([413, 'a table may have at most 10485760 bytes'])
    expect(await openImports(own.open('service', 1))).toEqual([])
    expect(await readdir(join(folder, 'imports'))).toEqual([])
  })
})

test('imports are listed, the newest first, to administrators alone', async () => {
  const [first, second] = [await upload(rows(1)), await upload(rows(2))]
  const { body } = await ask('?limit=1')
  expect(body).toMatchObject({ imports: [{ id: second }], pagination: { total: 2, pages: 2 } })
  expect((await ask('?limit=1&page=2')).body.imports.map(({ id }) => id)).toEqual([first])
  expect([(await ask('', {}, 'user')).status, (await ask(`/${first}`, {}, 'user')).status]).toEqual([
    403, 403,
  ])
  expect([(await ask(`/${ADMIN}`)).status, (await ask('/nothing')).status]).toEqual([404, 404])
})
