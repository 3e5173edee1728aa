import { expect, test } from 'vitest'
import { listQuery } from '../../../../../apps/api/products/schema.ts'
import { productService } from '../../../../../apps/api/products/service.ts'
import { emptyShop, fakeCache } from '../fakes.ts'

const mug = {
  id: 2,
  name: 'Mug',
  description: '',
  price_cents: 1250,
  stock: 3,
  category: 'kitchen',
  image_url: null,
}

/** A shop with one product that counts how often its list is read. */
function countedShop() {
  const shop = {
    reads: 0,
    service: productService(
      emptyShop({
        list: async ({ category }) => {
          shop.reads++
          const known = category === undefined || category === 'kitchen'
          return { products: known ? [mug] : [], total: known ? 1 : 0 }
        },
      }),
      fakeCache(),
    ),
    list: (query: object) => shop.service.list(listQuery.parse(query)),
  }
  return shop
}

test.each([{}, { limit: '24', page: '5' }, { category: 'kitchen' }])(
  'a page like %o is cached',
  async (query) => {
    const shop = countedShop()
    await shop.list(query)
    const { cached, answer } = await shop.list(query)
    expect([cached, shop.reads]).toEqual([true, 1])
    expect(JSON.parse(answer.body.toString()).products).toEqual([mug])
  },
)

test.each([
  ['a search', { search: 'mug' }],
  ['a page that nobody reaches by clicking', { page: '6' }],
  ['a size that no client uses', { limit: '37' }],
  ['a category that somebody made up', { category: 'no such' }],
])('%s leaves nothing in the cache', async (_name, query) => {
  const shop = countedShop()
  await shop.list(query)
  expect((await shop.list(query)).cached).toBe(false)
  expect(shop.reads).toBe(2)
})

test('when a page expires, those who ask at once do not all reach the database', async () => {
  const shop = countedShop()
  const served = await Promise.all(Array.from({ length: 200 }, () => shop.list({})))
  expect(shop.reads).toBe(1)
  expect(new Set(served.map(({ answer }) => answer.etag)).size).toBe(1)
})

test('so it is also for the same search', async () => {
  const shop = countedShop()
  await Promise.all(Array.from({ length: 200 }, () => shop.list({ search: 'mug' })))
  expect(shop.reads).toBe(2)
})

test('a product that is not there is named', async () => {
  await expect(countedShop().service.find(9)).rejects.toMatchObject({
    status: 404,
    message: 'there is no product 9',
  })
})
