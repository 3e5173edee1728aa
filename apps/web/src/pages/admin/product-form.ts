import type { ProductInput } from '../../api/types.ts'
import { parseMoney } from '../../format/money.ts'

/** A product as it is typed. */
export type ProductForm = Record<'name' | 'description' | 'price' | 'stock' | 'category', string>

type Read = { input: ProductInput | undefined; errors: Partial<Record<keyof ProductForm, string>> }

/** Makes what the API takes of what was typed, or says for each field what it should be. */
export function readProduct(form: ProductForm): Read {
  const name = form.name.trim()
  const price = parseMoney(form.price)
  const stock = /^\s*\d{1,9}\s*$/.test(form.stock) ? Number(form.stock) : undefined
  const errors: Read['errors'] = {}
  if (!name) errors.name = 'A product needs a name.'
  if (price === undefined) errors.price = 'Should be an amount such as 12.50.'
  if (stock === undefined) errors.stock = 'Should be a whole number, 0 or more.'
  if (!name || price === undefined || stock === undefined) return { input: undefined, errors }
  const category = form.category.trim() || null
  return {
    input: { name, description: form.description.trim(), price_cents: price, stock, category },
    errors,
  }
}
