import { describe, expect, it } from 'vitest'
import { money, parseMoney, plainMoney } from '../../../apps/web/src/format/money.ts'
import { readProduct } from '../../../apps/web/src/pages/admin/product-form.ts'

describe('money', () => {
  it('is written as the reader is used to', () => {
    expect(money(123_450, 'en-IE')).toBe('€1,234.50')
    expect(money(123_450, 'de-DE').replace(/\s/g, ' ')).toBe('1.234,50 €')
  })

  it.each([
    ['19.99', 1_999],
    ['19,9', 1_990],
    [' 7 ', 700],
    ['0.07', 7],
    ['1.005', undefined],
    ['-3', undefined],
    ['', undefined],
    ['12 €', undefined],
  ])('typed as %j is %s cents', (text, cents) => {
    expect(parseMoney(text)).toBe(cents)
  })

  it('is typed back as it was read', () => {
    for (const cents of [0, 5, 99, 100, 1_999, 123_456]) expect(parseMoney(plainMoney(cents))).toBe(cents)
  })
})

describe('a product as it is typed', () => {
  const form = { name: ' Mug ', description: ' ', price: '12.50', stock: '3', category: '' }

  it('becomes what the API takes', () => {
    expect(readProduct(form).input).toEqual({
      name: 'Mug',
      description: '',
      price_cents: 1_250,
      stock: 3,
      category: null,
    })
  })

  it('is refused field by field', () => {
    const { input, errors } = readProduct({ ...form, name: ' ', price: 'x', stock: '-1' })
    expect(input).toBeUndefined()
    expect(Object.keys(errors)).toEqual(['name', 'price', 'stock'])
  })
})
