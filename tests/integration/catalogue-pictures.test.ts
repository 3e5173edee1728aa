import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fakeCache } from '../unit/apps/api/fakes.ts'
import { type Catalogue, PNG, productOf, startCatalogue } from './catalogue.ts'

let shop: Catalogue

beforeAll(async () => {
  shop = await startCatalogue(fakeCache())
})

afterAll(() => shop?.close())

test('an admin gives a product a picture, which is served as what it is', async () => {
  const { path } = await shop.aKettle()
  const { image_url } = productOf(await shop.send('PUT', `${path}/image`, PNG))
  expect(image_url).toMatch(/^\/api\/uploads\/[0-9a-f]{16}-product-\d+\.png$/)
  const picture = await fetch(`${shop.url}${image_url}`)
  expect(Buffer.from(await picture.arrayBuffer())).toEqual(PNG)
  expect(Object.fromEntries(picture.headers)).toMatchObject({
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
    'cross-origin-resource-policy': 'cross-origin',
  })
  expect(productOf(await shop.ask('GET', path)).image_url).toBe(image_url)
})

test.each([
  ['a page that says it is an image', Buffer.from('<script>alert(1)</script>'), {}],
  ['an image of another type', PNG, { 'content-type': 'image/svg+xml' }],
])('an admin cannot make %s a picture', async (_name, bytes, headers) => {
  const { path } = await shop.aKettle()
  expect((await shop.send('PUT', `${path}/image`, bytes, headers)).status).toBe(415)
  expect(productOf(await shop.ask('GET', path)).image_url).toBeNull()
})

test('every product of a new shop has a picture', async () => {
  const pictures = await shop.own.sql<{ image_url: string }>('SELECT image_url FROM products WHERE id <= 12')
  expect(pictures).toHaveLength(12)
  for (const { image_url } of pictures) {
    await access(join(import.meta.dirname, '../../apps/web/public', image_url))
  }
})
