import { expect, test } from 'vitest'
import { entityTag, seenStock } from '../../../../../apps/api/products/entity-tag.ts'

const mug = {
  id: 2,
  name: 'Enamel mug',
  description: 'Holds 350 ml.',
  price_cents: 1250,
  stock: 48,
  category: 'kitchen',
  image_url: null,
}

test('another text, price, picture or stock is another tag', () => {
  const tags = [mug, { ...mug, name: 'Mug' }, { ...mug, price_cents: 1 }, { ...mug, stock: 47 }].map(
    entityTag,
  )
  tags.push(entityTag({ ...mug, image_url: '/images/mug.svg' }))
  expect(new Set(tags).size).toBe(5)
})

test.each([
  ['as it was sent', (tag: string) => tag],
  ['marked as weak by an edge', (tag: string) => `W/${tag}`],
  ['among others', (tag: string) => `"other", ${tag}`],
])('a tag %s tells which stock was seen, though some were sold since', (_name, write) => {
  expect(seenStock(write(entityTag(mug)), { ...mug, stock: 40 })).toBe(48)
})

test.each([undefined, '*', ' * '])('If-Match %s says nothing about stock', (header) => {
  expect(seenStock(header, mug)).toBeUndefined()
})

test.each([entityTag({ ...mug, price_cents: 1 }), '"other"', '', 'W/""'])(
  'If-Match %s of what is no longer so is refused',
  (header) => {
    expect(() => seenStock(header, mug)).toThrow(expect.objectContaining({ status: 412 }))
  },
)
