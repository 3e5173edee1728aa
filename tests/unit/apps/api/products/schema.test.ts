import { describe, expect, test } from 'vitest'
import { listQuery, newProduct, replacement } from '../../../../../apps/api/products/schema.ts'
import { toTextQuery } from '../../../../../apps/api/products/search.ts'

describe('a query of the list', () => {
  test.each([
    ['nothing', {}, { page: 1, limit: 20 }],
    ['what a form left empty', { search: ' ', category: '' }, { page: 1, limit: 20 }],
    [
      'spaces around',
      { search: ' mug ', category: ' bags ' },
      { page: 1, limit: 20, search: 'mug', category: 'bags' },
    ],
  ])('with %s has one form', (_name, query, expected) => {
    expect(JSON.parse(JSON.stringify(listQuery.parse(query)))).toEqual(expected)
  })

  test.each([
    { page: '0' },
    { page: '1.5' },
    { page: ['1', '2'] },
    { limit: '101' },
    { page: '100000', limit: '2' },
    { search: 'a'.repeat(101) },
    { search: 'a\0b' },
    { search: ['a', 'b'] },
    { category: 'x'.repeat(61) },
    { category: '\0' },
  ])('%o is refused', (query) => {
    expect(listQuery.safeParse(query).success).toBe(false)
  })
})

const mug = { name: 'Mug', description: '', price_cents: 1250, stock: 3, category: 'kitchen' }

describe('a product', () => {
  test('may have no picture yet', () => {
    expect(newProduct.parse(mug).image_url).toBeNull()
  })

  test('that is replaced keeps stock and picture that are not named', () => {
    const { stock: _, ...rest } = mug
    expect(replacement.parse(rest)).toEqual(rest)
  })

  test.each(['/images/mug.svg', '/api/uploads/0-mug.png', 'https://cdn.example.com/mug.png?w=2'])(
    'may have the picture %s',
    (image_url) => expect(newProduct.parse({ ...mug, image_url }).image_url).toBe(image_url),
  )

  test.each([
    { name: '  ' },
    { name: 'a\0b' },
    { name: 'n'.repeat(201) },
    { description: 'bell \x07' },
    { price_cents: -1 },
    { price_cents: 12.5 },
    { price_cents: '1250' },
    { stock: -1 },
    { stock: 2_147_483_648 },
    { category: '' },
    { name: 'half of \ud83d' },
    { description: 'half of \ude00' },
    { image_url: 'javascript:alert(1)' },
    { image_url: '//elsewhere.example.com/x.png' },
    { image_url: 'http://elsewhere.example.com/x.png' },
    { image_url: '/images/"onerror="x' },
  ])('with %o is refused', (wrong) => {
    expect(newProduct.safeParse({ ...mug, ...wrong }).success).toBe(false)
  })
})

test.each([
  ['mug', `'mug':*`],
  ['enamel  mu', `'enamel' & 'mu':*`],
  [`o'neill \\ & | ! :*`, `'o''neill' & '\\\\' & '&' & '|' & '!' & ':*':*`],
])('%s is searched for as %s', (typed, query) => {
  expect(toTextQuery(typed)).toBe(query)
})
