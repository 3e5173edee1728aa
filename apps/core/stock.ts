import type { Transaction } from './database.ts'
import type { StockLevel } from './outbox.ts'

type Item = { productId: number; quantity: number }

/** Takes from the stock of a product on sale what is wanted, or nothing; answers what is left, undefined if nothing was taken. */
export async function takeStock(
  transaction: Transaction,
  { productId, quantity }: Item,
): Promise<StockLevel | undefined> {
  const [left] = await transaction.$queryRaw<StockLevel[]>`
    UPDATE products SET stock = stock - ${quantity}
    WHERE id = ${productId} AND stock >= ${quantity} AND archived_at IS NULL
    RETURNING id AS product_id, stock`
  return left
}

/** Gives the stock of an order back, products in the order of their ids as everybody locks them; answers what there is now. */
export async function returnStock(transaction: Transaction, orderId: string): Promise<StockLevel[]> {
  const items = await transaction.orderItem.findMany({ where: { orderId }, orderBy: { productId: 'asc' } })
  const levels: StockLevel[] = []
  for (const { productId, quantity } of items) {
    levels.push(
      ...(await transaction.$queryRaw<StockLevel[]>`
        UPDATE products SET stock = stock + ${quantity} WHERE id = ${productId} RETURNING id AS product_id, stock`),
    )
  }
  return levels
}
