import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { ApplicationFailure } from '@temporalio/common'
import { CsvError, parse } from 'csv-parse'
import { newProduct } from '../../api/products/schema.ts'
import { IMPORT_COLUMNS } from '../../core/product-imports.ts'

export type ImportedProduct = {
  name: string
  description: string
  price_cents: number
  stock: number
  category: string
}

export type RowError = { row: number; column: string; message: string }

/** A row of the table; the header is row 1. */
export type Row = { row: number; product: ImportedProduct } | { row: number; errors: RowError[] }

type Cells = Partial<Record<string, string>>

/** What in the table makes it useless as a whole. */
export const unreadable = (message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, 'ImportUnreadable')

/**
 * The rows of a table of products after the first `done`, each checked by the rules of a product that an administrator
 * enters. Errors: `unreadable` where the table ends to be one; some of the rows before may not be given.
 */
export async function* readRows(path: string, done: number): AsyncGenerator<Row> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => checkHeader(header.map((name) => name.trim().toLowerCase())),
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 100_000,
  })
  // What goes wrong before the parser ends the parser, so that whoever reads from it is told.
  pipeline(decoded(createReadStream(path)), parser, () => {})
  try {
    let row = 1
    for await (const cells of parser as AsyncIterable<Cells>) {
      row += 1
      if (row - 1 > done) yield checkRow(row, cells)
    }
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(`after row ${parser.info.records + 1}: ${error.message}`)
    throw error
  } finally {
    parser.destroy()
  }
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (piece?: Uint8Array) => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined })
    } catch {
      throw unreadable('the table is not UTF-8')
    }
  }
  for await (const piece of bytes) yield decode(piece)
  yield decode()
}

function checkHeader(header: string[]): string[] {
  const missing = IMPORT_COLUMNS.filter((column) => !header.includes(column))
  if (missing.length > 0) throw unreadable(`the first row lacks the columns ${missing.join(', ')}`)
  return header
}

/** By what name a field of a product is a column of the table. */
const columnOf = (field: unknown): string => (field === 'price_cents' ? 'price' : String(field ?? 'row'))

/** A row is a product, or what is wrong with each of its columns. */
export function checkRow(row: number, cells: Cells): Row {
  const { name = '', description = '', price = '', stock = '', category = '' } = cells
  const parsed = newProduct.omit({ image_url: true }).safeParse({
    ...{ name, description, category },
    price_cents: centsOf(price),
    stock: /^\s*\d{1,12}\s*$/.test(stock) ? Number(stock) : undefined,
  })
  if (parsed.success) return { row, product: parsed.data }
  const messages = new Map<string, string>()
  for (const { path, message } of parsed.error.issues) {
    const column = columnOf(path[0])
    if (!messages.has(column)) messages.set(column, wordsOf(column, message))
  }
  return { row, errors: [...messages].map(([column, message]) => ({ row, column, message })) }
}

const wordsOf = (column: string, message: string): string => {
  if (!message.includes('received undefined')) return message
  return column === 'price' ? 'should be an amount such as 12.34' : 'should be a whole number'
}

function centsOf(price: string): number | undefined {
  const found = /^\s*(\d{1,9})(?:\.(\d{1,2}))?\s*$/.exec(price)
  return found ? Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0')) : undefined
}
