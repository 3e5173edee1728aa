import { unknownProduct } from './service.ts'

const LARGEST = 2_147_483_647

/** The id in a path. Errors: 404 for what cannot be one. */
export function productId(text: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(id <= LARGEST)) throw unknownProduct(text)
  return id
}
