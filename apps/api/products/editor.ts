import type { Database, Transaction } from '../../core/database.ts'
import { appendStock } from '../../core/outbox.ts'
import { audit } from '../audit.ts'
import type { Principal } from '../auth/principal.ts'
import { HttpError } from '../errors.ts'
import { seenStock } from './entity-tag.ts'
import { lockProduct } from './repository.ts'
import { MOST_STOCK, type NewProduct, type Product, type Replacement } from './schema.ts'
import { unknownProduct } from './service.ts'

/** Who changes the catalogue, and for an existing product what they saw of it (the header If-Match). */
export type Editing = { actor: Principal; requestId?: string | undefined; ifMatch?: string | undefined }

/**
 * Changes the catalogue. Each change and its entry in the audit log are one transaction. Errors: 404 for a product
 * that is not in the shop, 412 for one that was edited since it was seen.
 */
export type CatalogueEditor = {
  create(input: NewProduct, by: Editing): Promise<Product>
  replace(id: number, input: Replacement, by: Editing): Promise<Product>
  setImage(id: number, imageUrl: string, by: Editing): Promise<Product>
  /** Takes a product out of the shop; its orders go on naming it. */
  archive(id: number, by: Editing): Promise<void>
}

/** `changed` is called once the database holds a change; whoever asked for it waits for it. */
export function catalogueEditor(database: Database, changed: () => Promise<unknown>): CatalogueEditor {
  /** Makes an admin's version of a product the current one; nothing happens if that is what it is already. */
  async function edit(
    id: number,
    by: Editing,
    action: string,
    version: (current: Product, seen: number | undefined) => Product,
  ): Promise<Product> {
    const edited = await database.$transaction(async (transaction) => {
      const current = await existing(transaction, id)
      const next = version(current, seenStock(by.ifMatch, current))
      const details = difference(current, next)
      if (Object.keys(details).length === 0) return { product: current, details }
      const stocked = next.stock > current.stock && { stockedAt: new Date() }
      await transaction.product.update({ where: { id }, data: { ...toRow(next), ...stocked } })
      await audit(transaction, entry(action, id, by, details))
      if (details.stock) await appendStock(transaction, [{ product_id: id, stock: next.stock }])
      return { product: next, details }
    })
    if (Object.keys(edited.details).length > 0) await changed()
    return edited.product
  }

  return {
    async create(input, by) {
      const product = await database.$transaction(async (transaction) => {
        const { id } = await transaction.product.create({ data: toRow(input), select: { id: true } })
        await audit(transaction, entry('product.create', id, by, input))
        return { id, ...input }
      })
      await changed()
      return product
    },
    replace: (id, input, by) =>
      edit(id, by, 'product.update', (current, seen) => {
        const { image_url = current.image_url, stock, ...written } = input
        return { id, ...written, image_url, stock: nextStock(current, stock, seen) }
      }),
    setImage: (id, imageUrl, by) =>
      edit(id, by, 'product.image', (current) => ({ ...current, image_url: imageUrl })),
    async archive(id, by) {
      await database.$transaction(async (transaction) => {
        const current = await existing(transaction, id)
        seenStock(by.ifMatch, current)
        await transaction.product.update({ where: { id }, data: { archivedAt: new Date() } })
        await audit(transaction, entry('product.archive', id, by, { name: current.name }))
      })
      await changed()
    },
  }
}

async function existing(transaction: Transaction, id: number): Promise<Product> {
  const product = await lockProduct(transaction, id)
  if (!product) throw unknownProduct(id)
  return product
}

/**
 * Who says which stock they saw means the difference: what was sold or came back since then counts too. Errors: 409
 * when more is taken away than there is left, or more comes than a stock can hold.
 */
function nextStock(current: Product, wanted: number | undefined, seen = current.stock): number {
  if (wanted === undefined) return current.stock
  const next = current.stock + wanted - seen
  if (next > MOST_STOCK) {
    throw new HttpError(409, `product ${current.id} would have ${next} then, and ${MOST_STOCK} is the most`)
  }
  if (next >= 0) return next
  throw new HttpError(
    409,
    `product ${current.id} has ${current.stock} left: its stock cannot fall by ${seen - wanted}`,
  )
}

const entry = (action: string, id: number, { actor, requestId }: Editing, details: object) => ({
  actor,
  action,
  target: `product:${id}`,
  details,
  ...(requestId !== undefined && { requestId }),
})

type Difference = Partial<Record<keyof Product, { from: unknown; to: unknown }>>

function difference(current: Product, next: Product): Difference {
  const fields = Object.keys(next) as (keyof Product)[]
  const changed = fields.filter((field) => current[field] !== next[field])
  return Object.fromEntries(changed.map((field) => [field, { from: current[field], to: next[field] }]))
}

const toRow = ({ name, description, price_cents, stock, category, image_url }: NewProduct) => ({
  name,
  description,
  priceCents: price_cents,
  stock,
  category,
  imageUrl: image_url,
})
