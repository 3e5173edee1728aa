import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { type Column, converterOf } from './columns.ts'
import { FeedError } from './feed-error.ts'

/** The longest row that is taken, in bytes: an export whose quote never closes must not fill the memory. */
const LONGEST_ROW = 32 * 1024 * 1024
const NEWLINE = 0x0a

type Form = {
  columns: Column[]
  /** What stands for NULL, without quotes. */
  nullMarker: string
}

/**
 * Turns a CSV export with a header into one JSON object a row, in the order of the columns, in constant memory.
 * Every row ends with a newline, quotes are doubled. Errors: FeedError with the number of the row (the header is
 * none) when the export has other columns, a row of another width, the header twice, a value that is not of its
 * column's type, or an end in the midst of a row.
 */
export async function* jsonRows(
  csv: AsyncIterable<Uint8Array>,
  { columns, nullMarker }: Form,
): AsyncGenerator<string, void, undefined> {
  const toJson = rowWriter(columns, nullMarker)
  const names = columns.map(({ name }) => name)
  const end = { whole: true }
  let row = -1
  for await (const fields of parsed(noting(end, csv))) {
    row++
    if (row === 0) checkHeader(fields, names)
    else if (equal(fields, names)) throw new FeedError(`row ${row} of the export is its header once more`)
    else yield toJson(fields, row)
  }
  if (row < 0) throw new FeedError('the export is empty: not even its header came')
  if (!end.whole) throw new FeedError(`the export is cut: row ${row} does not end`)
}

/** The fields of each line, the header's too. */
async function* parsed(csv: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const parser = parse({
    delimiter: ',',
    quote: '"',
    escape: '"',
    record_delimiter: '\n',
    relax_column_count: true,
    max_record_size: LONGEST_ROW,
  })
  const source = Readable.from(csv, { objectMode: false })
  // Not pipeline: it would report that the parser was left early rather than why.
  source.on('error', (error) => parser.destroy(error))
  try {
    for await (const fields of source.pipe(parser)) yield fields as string[]
  } catch (error) {
    throw error instanceof CsvError ? new FeedError(broken(error), { cause: error }) : error
  } finally {
    source.destroy()
  }
}

/** Passes the bytes on and notes whether the last of them ended a row. */
async function* noting(end: { whole: boolean }, csv: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const bytes of csv) {
    if (bytes.length > 0) end.whole = bytes.at(-1) === NEWLINE
    yield bytes
  }
}

/** The parser counts the header, so its number of records is that of the next row. */
function broken({ code, records: row }: CsvError): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return `the export is cut: row ${row} ends inside a quoted value`
  if (code === 'CSV_MAX_RECORD_SIZE') return `row ${row} of the export is longer than ${LONGEST_ROW} bytes`
  return `row ${row} of the export is not CSV (${code})`
}

function checkHeader(fields: string[], names: string[]): void {
  if (equal(fields, names)) return
  const shown = fields.join(', ').replace(/\s+/g, ' ').slice(0, 200)
  throw new FeedError(`the export begins with "${shown}" instead of the columns ${names.join(', ')}`)
}

const equal = (fields: string[], names: string[]): boolean =>
  fields.length === names.length && fields.every((field, index) => field === names[index])

function rowWriter(columns: Column[], nullMarker: string): (fields: string[], row: number) => string {
  const parts = columns.map(({ name, type }, index) => ({
    name,
    type,
    before: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    convert: converterOf(type),
  }))
  return (fields, row) => {
    if (fields.length !== parts.length)
      throw new FeedError(
        `row ${row} of the export has ${fields.length} fields where the table has ${parts.length} columns`,
      )
    let json = ''
    for (const [index, { name, type, before, convert }] of parts.entries()) {
      const text = fields[index] ?? ''
      const value = text === nullMarker ? 'null' : convert(text)
      if (value === undefined)
        throw new FeedError(`row ${row} of the export has no ${type} in column ${name}`)
      json += before + value
    }
    return `${json}}`
  }
}
