import { FeedError } from '../feed-error.ts'
import { complaintOf, type Form, formOf, readPage } from './page.ts'
import { bytesOf, type Fields, type Session } from './session.ts'

export type Table = { database: string; table: string }

/** What the form has to offer; a page without one of them is not the one that this was written for. */
const NEEDED = [
  ...['token', 'what', 'export_type', 'quick_or_custom', 'output_format', 'compression'],
  ...['csv_separator', 'csv_enclosed', 'csv_escaped', 'csv_terminated', 'csv_null', 'csv_columns'],
]

/** The export form of a table. Errors: FeedError when there is none, such as for an unknown table. */
export async function exportForm(session: Session, { database, table }: Table, signal: AbortSignal) {
  const query = new URLSearchParams({ route: '/table/export', db: database, table })
  const page = await readPage(await session.ask(`index.php?${query}`, { signal }), signal)
  return formOf(page, 'form[name=dump]', NEEDED)
}

/**
 * Exports the result of a query as CSV with a header: commas, doubled quotes around every value but NULL (the
 * marker) and the empty string (nothing), newlines. Errors: FeedError when phpMyAdmin answers with a page instead.
 */
export async function exportCsv(
  session: Session,
  { action, fields }: Form,
  { sql, nullMarker, signal }: { sql: string; nullMarker: string; signal: AbortSignal },
): Promise<AsyncGenerator<Uint8Array>> {
  const form = { ...fields, ...csvFields(nullMarker), sql_query: sql }
  const answer = await session.ask(action, { signal, form })
  if (answer.response.headers.get('content-disposition')?.startsWith('attachment'))
    return bytesOf(answer, signal)
  const page = await readPage(answer, signal)
  const reason = complaintOf(page) ?? 'it answers with a page instead of a file'
  throw new FeedError(`phpMyAdmin does not export the table: ${reason}`)
}

const csvFields = (nullMarker: string): Fields => ({
  what: 'csv',
  quick_or_custom: 'custom',
  output_format: 'sendit',
  compression: 'none',
  charset: 'utf-8',
  allrows: '1',
  csv_separator: ',',
  csv_enclosed: '"',
  csv_escaped: '"',
  csv_terminated: '\\n',
  csv_null: nullMarker,
  csv_columns: 'something',
  csv_structure_or_data: 'data',
})
