import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fakeCache } from '../unit/apps/api/fakes.ts'
import { ADMIN, type Catalogue, kettle, PNG, productOf, startCatalogue } from './catalogue.ts'

let shop: Catalogue
let own: Catalogue['own']
let ask: Catalogue['ask']
let send: Catalogue['send']
let list: Catalogue['list']
let aKettle: Catalogue['aKettle']

beforeAll(async () => {
  shop = await startCatalogue(fakeCache())
  ;({ own, ask, send, list, aKettle } = shop)
})

afterAll(() => shop?.close())

const sell = (id: number, quantity: number) =>
  own.sql('UPDATE products SET stock = stock - $2 WHERE id = $1', [id, quantity])

const eventsAfter = (id: string) =>
  own.sql<{ event: string; order_id: string; payload: object }>(
    'SELECT event, order_id, payload FROM outbox WHERE id > $1 ORDER BY id',
    [id],
  )
const newestEvent = async () =>
  (await own.sql<{ id: string }>('SELECT coalesce(max(id), 0) AS id FROM outbox'))[0]?.id ?? '0'

describe('an admin', () => {
  test('adds a product, which is found at once, by list, search, category and address', async () => {
    await list('?limit=100')
    const created = await send('POST', '/api/products', { ...kettle, name: 'Samovar', category: 'tea' })
    expect(created.status).toBe(201)
    const path = created.headers.get('location') ?? ''
    expect(productOf(await ask('GET', path))).toEqual(productOf(created))
    for (const query of ['?limit=100', '?search=samo', '?category=tea']) {
      expect((await list(query)).products).toContainEqual(productOf(created))
    }
    expect((await ask('GET', '/api/products/categories')).body).toMatchObject({
      categories: expect.arrayContaining([{ name: 'tea', products: 1 }]),
    })
  })

  test('replaces all of a product but the stock and the picture that are not named', async () => {
    const { path, product } = await aKettle()
    const { stock: _, ...rest } = { ...kettle, name: 'Tea kettle', price_cents: 4700 }
    const replaced = await send('PUT', path, rest)
    expect(productOf(replaced)).toEqual({ ...product, name: 'Tea kettle', price_cents: 4700 })
    expect(productOf(await ask('GET', path))).toEqual(productOf(replaced))
  })

  test('stocks up when the stock rises by an edit, and by nothing else', async () => {
    const { path, product } = await aKettle()
    const { id } = product
    const longAgo = new Date('2026-01-01T00:00:00Z')
    await own.sql('UPDATE products SET stocked_at = $2 WHERE id = $1', [id, longAgo])
    const stockedAt = async () =>
      (await own.sql<{ stocked_at: Date }>('SELECT stocked_at FROM products WHERE id = $1', [id]))[0]
        ?.stocked_at
    await send('PUT', path, { ...kettle, price_cents: 4600 })
    await send('PUT', path, { ...kettle, stock: 9 })
    // Of 9 that were seen 8 should be left, but 2 were sold meanwhile: 6 are, which is no more than the 7 before.
    const seen = (await ask('GET', path)).headers.get('etag') ?? ''
    await sell(id, 2)
    await send('PUT', path, { ...kettle, stock: 8 }, { 'if-match': seen })
    expect(await stockedAt()).toEqual(longAgo)
    expect(productOf(await send('PUT', path, { ...kettle, stock: 7 })).stock).toBe(7)
    expect((await stockedAt())?.getTime()).toBeGreaterThan(longAgo.getTime())
  })

  test('does not overwrite what another has written meanwhile', async () => {
    const { path, etag } = await aKettle()
    const first = await send('PUT', path, { ...kettle, price_cents: 5000 }, { 'if-match': etag })
    expect(first.status).toBe(200)
    const second = await send('PUT', path, { ...kettle, name: 'Pot' }, { 'if-match': etag })
    expect([second.status, productOf(await ask('GET', path)).name]).toEqual([412, 'Kettle'])
    const again = await send(
      'PUT',
      path,
      { ...kettle, name: 'Pot' },
      { 'if-match': first.headers.get('etag') ?? '' },
    )
    expect(again.status).toBe(200)
  })

  test('of two who save at the same time, one is told to read again', async () => {
    const { path, etag } = await aKettle()
    const answers = await Promise.all(
      ['One', 'Other'].map((name) => send('PUT', path, { ...kettle, name }, { 'if-match': etag })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412])
  })

  test('may save while customers buy, and what they bought stays sold', async () => {
    const { path, product, etag } = await aKettle()
    await sell(product.id, 3)
    const priced = await send('PUT', path, { ...kettle, price_cents: 5000 }, { 'if-match': etag })
    expect(productOf(priced)).toMatchObject({ price_cents: 5000, stock: 7 })
    await sell(product.id, 1)
    const delivered = await send(
      'PUT',
      path,
      { ...kettle, price_cents: 5000, stock: 27 },
      { 'if-match': priced.headers.get('etag') ?? '' },
    )
    expect(productOf(delivered).stock).toBe(26)
  })

  test('cannot take away more than is left', async () => {
    const { path, product, etag } = await aKettle()
    await sell(product.id, 8)
    const taken = await send('PUT', path, { ...kettle, stock: 5 }, { 'if-match': etag })
    expect([taken.status, productOf(await ask('GET', path)).stock]).toEqual([409, 2])
  })

  test('cannot pile up more than a stock can hold', async () => {
    const { path, etag } = await aKettle()
    const most = { ...kettle, stock: 1_000_000_000 }
    const pretended = { 'if-match': etag.replace(/-\d+"$/, '-0"') }
    expect((await send('PUT', path, most)).status).toBe(200)
    expect((await send('PUT', path, most, pretended)).status).toBe(409)
  })

  test('archives a product: it leaves the shop, and its orders still name it', async () => {
    const { path, product } = await aKettle()
    await list('?category=kitchen&limit=100')
    expect((await send('DELETE', path, undefined)).status).toBe(204)
    expect((await ask('GET', path)).status).toBe(404)
    for (const query of ['?category=kitchen&limit=100', '?search=kettle&limit=100']) {
      expect((await list(query)).products.map(({ id }) => id)).not.toContain(product.id)
    }
    for (const [method, body] of [
      ['PUT', kettle],
      ['DELETE', undefined],
    ] as const) {
      expect((await send(method, path, body)).status).toBe(404)
    }
    expect((await send('PUT', `${path}/image`, PNG)).status).toBe(404)
    expect(await own.sql('SELECT name FROM products WHERE id = $1', [product.id])).toEqual([
      { name: 'Kettle' },
    ])
  })

  test('leaves a trace of each change, and none of what changed nothing or failed', async () => {
    const { path, product, etag } = await aKettle()
    const headers = { 'if-match': etag, 'x-request-id': 'request-12345678' }
    await send('PUT', path, kettle, headers)
    await send('PUT', path, { ...kettle, price_cents: 1 }, headers)
    await send('PUT', path, { ...kettle, price_cents: 2 }, headers)
    await send('PUT', `${path}/image`, PNG)
    await send('DELETE', path, undefined)
    const entries = await own.sql('SELECT * FROM audit_log WHERE target = $1 ORDER BY id', [
      `product:${product.id}`,
    ])
    expect(entries.map(({ action, actor_id }) => [action, actor_id])).toEqual(
      ['create', 'update', 'image', 'archive'].map((what) => [`product.${what}`, ADMIN]),
    )
    expect(entries[1]).toMatchObject({
      details: { price_cents: { from: 4500, to: 1 } },
      request_id: 'request-12345678',
    })
  })

  test('who changes stock gives an event, and who changes anything else none', async () => {
    const { path, product } = await aKettle()
    const before = await newestEvent()
    await send('PUT', path, { ...kettle, name: 'Pot' })
    await send('PUT', path, { ...kettle, name: 'Pot', stock: 12 })
    expect(await eventsAfter(before)).toEqual([
      {
        event: 'stock.changed',
        order_id: '00000000-0000-0000-0000-000000000000',
        payload: { stock: [{ product_id: product.id, stock: 12 }], at: expect.any(String) },
      },
    ])
  })
})

describe('nobody else', () => {
  test.each([
    ['POST', ''],
    ['PUT', '/1'],
    ['PUT', '/1/image'],
    ['DELETE', '/1'],
  ])('may %s %s', async (method, path) => {
    const statusFor = async (token: string) =>
      (await send(method, `/api/products${path}`, method === 'DELETE' ? undefined : kettle, {}, token)).status
    expect([await statusFor(''), await statusFor('user')]).toEqual([401, 403])
  })
})

test.each(['0', '-1', 'x', '1.5', '2147483648', '99999999999', '00', '%00'])(
  'there is no product %s',
  async (id) => {
    expect((await ask('GET', `/api/products/${id}`)).status).toBe(404)
  },
)

test.each([[null], [[]], [{}], [{ ...kettle, price_cents: -1 }], [{ ...kettle, image_url: 'javascript:0' }]])(
  '%j is no product',
  async (body) => {
    expect((await send('POST', '/api/products', body)).status).toBe(400)
  },
)
