import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { HttpError } from '../../api/errors.ts'
import { columnsOf, type Kind, type Row } from './kinds.ts'
import { type File, textOf } from './text.ts'

export const MOST_ROWS = 200_000
/** How many of the errors are told; of the others only how many rows have one. */
export const MOST_ERRORS = 100

/** What is wrong with a field. `row`: as a spreadsheet counts, where the header is row 1. */
export type RowError = { row: number; column: string; message: string }
/** A row that has the form it should have. */
export type Entry = { row: number; values: Row }
/** Rows that follow each other: how many, those that can be stored, and what is wrong with the first of the others. */
export type Batch = { rows: number; entries: Entry[]; errors: RowError[] }

const BATCH_ROWS = 5000

/**
 * Reads a table in CSV with a header row, in any order of columns. Errors: HttpError 400 for what is no such table, 413
 * for more than the limits.
 */
export async function* batchesOf(file: File, kind: Kind): AsyncGenerator<Batch> {
  let batch: Batch = { rows: 0, entries: [], errors: [] }
  let header: string[] | undefined
  let [row, rows] = [0, 0]
  for await (const fields of recordsOf(file)) {
    row++
    if (fields.length === 1 && fields[0]?.trim() === '') continue
    if (!header) {
      header = headerOf(fields, kind)
      continue
    }
    if (++rows > MOST_ROWS) throw new HttpError(413, `a file may have at most ${MOST_ROWS} rows`)
    readRow({ kind, header, batch }, row, fields)
    if (batch.rows < BATCH_ROWS) continue
    yield batch
    batch = { rows: 0, entries: [], errors: [] }
  }
  if (rows === 0) throw new HttpError(400, `the file should have a header and rows: ${named(kind)}`)
  if (batch.rows > 0) yield batch
}

async function* recordsOf(file: File): AsyncGenerator<string[]> {
  // What a row has too much or too little of is told with its number. The limit ends a quote that never closes.
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: 64 * 1024 })
  // Its failure also ends the loop.
  const fed = pipeline(textOf(file), parser).catch(() => {})
  try {
    yield* parser as AsyncIterable<string[]>
  } catch (error) {
    throw error instanceof CsvError ? new HttpError(400, `the file is not CSV: ${error.message}`) : error
  }
  await fed
}

const named = (kind: Kind): string => columnsOf(kind).join(',')

function headerOf(fields: string[], kind: Kind): string[] {
  const header = fields.map((name) => name.trim().toLowerCase())
  const missing = columnsOf(kind).filter((name) => !header.includes(name))
  if (missing.length > 0) {
    throw new HttpError(
      400,
      `the first row should name the columns ${named(kind)}: ${missing.join(', ')} is missing`,
    )
  }
  const twice = columnsOf(kind).find((name) => header.indexOf(name) !== header.lastIndexOf(name))
  if (twice) throw new HttpError(400, `the first row names the column ${twice} twice`)
  return header
}

type Reading = { kind: Kind; header: string[]; batch: Batch }

function readRow({ kind, header, batch }: Reading, row: number, fields: string[]): void {
  batch.rows++
  const tell = (column: string, message: string) => {
    if (batch.errors.length < MOST_ERRORS) batch.errors.push({ row, column, message })
  }
  if (fields.length !== header.length) {
    const column = header[fields.length] ?? `column ${header.length + 1}`
    tell(column, `the row has ${fields.length} fields instead of ${header.length}`)
    return
  }
  const texts = Object.fromEntries(header.map((name, at) => [name, fields[at]?.trim()]))
  const parsed = kind.row.safeParse(texts)
  if (parsed.success) batch.entries.push({ row, values: parsed.data })
  else for (const { path, message } of firstOfEach(parsed.error.issues)) tell(path, message)
}

/** A field that is wrong in several ways is told once. */
function firstOfEach(issues: { path: PropertyKey[]; message: string }[]) {
  const byColumn = Map.groupBy(issues, ({ path }) => String(path[0]))
  return [...byColumn].map(([path, [issue]]) => ({ path, message: issue?.message ?? '' }))
}
