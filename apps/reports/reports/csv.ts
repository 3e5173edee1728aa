/** What a report has in a field. */
export type Cell = string | number | null

/**
 * A table as CSV (RFC 4180): a header row, lines that end with CRLF, and nothing where there is no value. Spreadsheets
 * run what begins like a formula, and names of products come from elsewhere: such text gets an apostrophe in front.
 */
export function toCsv(columns: readonly string[], rows: readonly Record<string, Cell>[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))]
  return lines.map((cells) => `${cells.map(field).join(',')}\r\n`).join('')
}

const formula = /^\s*[=+\-@\t\r]/

function field(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const text = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
