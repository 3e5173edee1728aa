import type { Product } from '../api/types.ts'
import type { CartLine } from './cart.ts'

/** `problem`: why the line cannot be ordered as it is; `stock` is undefined until the API has answered. */
export type CheckedLine = CartLine & { stock: number | undefined; problem: string | undefined }

/** `gone`: the product is no longer sold. */
export function checkLine(line: CartLine, product: Product | undefined, gone: boolean): CheckedLine {
  if (gone) return { ...line, stock: 0, problem: 'No longer sold.' }
  if (!product) return { ...line, stock: undefined, problem: undefined }
  const { name, price_cents, image_url, stock } = product
  const problem = stock <= 0 ? 'Sold out.' : stock < line.quantity ? `Only ${stock} left.` : undefined
  return { ...line, name, price_cents, image_url, stock, problem }
}
