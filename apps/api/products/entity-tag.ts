import { createHash } from 'node:crypto'
import { HttpError } from '../errors.ts'
import type { Product } from './schema.ts'

/** Names a product as it is: a fingerprint of what admins write, and the stock, which customers change too. */
export const entityTag = (product: Product): string => `"${fingerprint(product)}-${product.stock}"`

/**
 * The stock that the sender of an If-Match header saw; undefined without one, or for `*`. Errors: 412 when somebody
 * has edited the product since. What was sold since is no such conflict: an admin could never save a product that
 * sells well. An edge that compresses marks a tag as weak (W/); it names the same.
 */
export function seenStock(ifMatch: string | undefined, current: Product): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined
  for (const [, seen, stock] of ifMatch.matchAll(/"([0-9a-f]{16})-(\d{1,10})"/g)) {
    if (seen === fingerprint(current)) return Number(stock)
  }
  throw new HttpError(412, `product ${current.id} was changed meanwhile: read it again, then change it`)
}

function fingerprint({ id, name, description, price_cents, category, image_url }: Product): string {
  const written = JSON.stringify([id, name, description, price_cents, category, image_url])
  return createHash('sha256').update(written).digest('hex').slice(0, 16)
}
