import type { Database, Transaction } from '../../core/database.ts'
import { appendStock, type StockLevel } from '../../core/outbox.ts'
import type { ImportedProduct, Row, RowError } from './rows.ts'

/** Another attempt of the same import has gone further: this one is of no use any more. */
export class Overtaken extends Error {
  override name = 'Overtaken'
}

/** Answers how many rows are done; undefined if there is nothing (more) to do. */
export async function beginImport(database: Database, id: string, now: Date): Promise<number | undefined> {
  const [row] = await database.productImport.updateManyAndReturn({
    where: { id, status: { in: ['queued', 'running'] } },
    data: { status: 'running' },
  })
  if (!row) return undefined
  if (!row.startedAt) await database.productImport.update({ where: { id }, data: { startedAt: now } })
  return row.rows
}

/**
 * Stores a batch that begins after `done` rows, together with the progress. A product whose name is on sale becomes what
 * the row says; any other is new. Errors: Overtaken.
 */
export async function storeBatch(database: Database, id: string, done: number, batch: Row[]): Promise<void> {
  await database.$transaction(async (transaction) => {
    const [locked] = await transaction.$queryRaw<{ rows: number; status: string }[]>`
      SELECT rows, status FROM product_imports WHERE id = ${id}::uuid FOR UPDATE`
    if (locked?.rows !== done || locked.status !== 'running')
      throw new Overtaken(`import ${id} went on elsewhere`)
    const { products, errors } = await sort(transaction, batch)
    const created = products.filter((product) => product.id === null)
    const updated = products.filter((product) => product.id !== null)
    await insert(transaction, created)
    const stock = await update(transaction, updated)
    await transaction.productImportError.createMany({
      data: errors.map((error) => ({ importId: id, ...error })),
    })
    await transaction.productImport.update({
      where: { id },
      data: {
        rows: done + batch.length,
        created: { increment: created.length },
        // A row that another one of its batch replaces has updated what that one is.
        updated: { increment: batch.length - created.length - new Set(errors.map(({ row }) => row)).size },
        rejected: { increment: new Set(errors.map(({ row }) => row)).size },
      },
    })
    if (stock.length > 0) await appendStock(transaction, stock)
  })
}

type Target = ImportedProduct & { id: number | null }

/** Finds the products that a batch is about, locked in the order of their ids as everybody locks them. */
async function sort(
  transaction: Transaction,
  batch: Row[],
): Promise<{ products: Target[]; errors: RowError[] }> {
  const names = batch.flatMap((row) => ('product' in row ? [row.product.name] : []))
  const known = await transaction.$queryRaw<{ id: number; name: string }[]>`
    SELECT id, name FROM products WHERE archived_at IS NULL AND name = ANY(${names})
    ORDER BY id FOR NO KEY UPDATE`
  const byName = Map.groupBy(known, ({ name }) => name)
  const products = new Map<string, Target>()
  const errors: RowError[] = []
  for (const row of batch) {
    if ('errors' in row) {
      errors.push(...row.errors)
      continue
    }
    const { name } = row.product
    const [first, ...more] = byName.get(name) ?? []
    const message = `${more.length + 1} products have this name: change them one by one`
    if (more.length > 0) errors.push({ row: row.row, column: 'name', message })
    else products.set(name, { ...row.product, id: first?.id ?? null })
  }
  return { products: [...products.values()], errors }
}

async function insert(transaction: Transaction, products: Target[]): Promise<void> {
  const data = products.map(({ id: _, price_cents, ...product }) => ({ ...product, priceCents: price_cents }))
  await transaction.product.createMany({ data })
}

/** Answers the stocks that changed. */
async function update(transaction: Transaction, products: Target[]): Promise<StockLevel[]> {
  if (products.length === 0) return []
  const changed = await transaction.$queryRaw<(StockLevel & { before: number })[]>`
    UPDATE products AS p
    SET description = r.description, price_cents = r.price_cents, stock = r.stock, category = r.category,
        stocked_at = CASE WHEN r.stock > p.stock THEN now() ELSE p.stocked_at END
    FROM jsonb_to_recordset(${JSON.stringify(products)}::jsonb)
           AS r (id int, description text, price_cents int, stock int, category text),
         products AS old
    WHERE p.id = r.id AND old.id = p.id
    RETURNING p.id AS product_id, p.stock, old.stock AS before`
  return changed.flatMap(({ before, ...level }) => (level.stock === before ? [] : [level]))
}

/** Ends an import and writes down what an administrator has changed by it. `failure`: why it went no further. */
export async function endImport(
  database: Database,
  id: string,
  now: Date,
  failure?: string,
): Promise<boolean> {
  return database.$transaction(async (transaction) => {
    const [ended] = await transaction.productImport.updateManyAndReturn({
      where: { id, status: { in: ['queued', 'running'] } },
      data: {
        status: failure === undefined ? 'finished' : 'failed',
        finishedAt: now,
        failure: failure ?? null,
      },
    })
    if (!ended) return false
    const { actorId, requestId, rows, created, updated, rejected } = ended
    const details = { rows, created, updated, rejected, ...(failure !== undefined && { failure }) }
    await transaction.auditEntry.create({
      data: { actorId, requestId, action: 'product.import', target: `product-import:${id}`, details },
    })
    return true
  })
}

/** Ids of imports that are not over, the oldest first. */
export async function openImports(database: Database): Promise<string[]> {
  const rows = await database.productImport.findMany({
    where: { status: { in: ['queued', 'running'] } },
    orderBy: { createdAt: 'asc' },
    select: { id: true },
  })
  return rows.map(({ id }) => id)
}
