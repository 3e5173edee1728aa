import type { Node } from 'libpg-query'

/** One statement of a script. `line` counts from 1; `before` is what stands between it and the statement before. */
export type Statement = { node: Node; text: string; line: number; before: string }

/** A script that PostgreSQL's grammar refuses. */
export class SyntaxFault extends Error {
  override name = 'SyntaxFault'
  readonly line: number
  readonly column: number

  constructor(message: string, { line, column }: { line: number; column: number }) {
    super(message)
    this.line = line
    this.column = column
  }
}

/**
 * Splits a script into statements by PostgreSQL's own parser. It is loaded on first use: it takes 150 ms and 90 MB,
 * which a command that has nothing to lint need not pay.
 * Errors: `SyntaxFault` with line and column, both counted from 1.
 */
export async function parseStatements(sql: string): Promise<Statement[]> {
  const { loadModule, parse } = await import('libpg-query')
  await loadModule()
  if (sql === '') return [] // the parser refuses it
  const parsed = await parse(sql).catch((error: Error & { sqlDetails?: { cursorPosition: number } }) => {
    const before = [...sql].slice(0, error.sqlDetails?.cursorPosition ?? 0).join('')
    const column = [...before].length - [...before.slice(0, before.lastIndexOf('\n') + 1)].length + 1
    throw new SyntaxFault(error.message, { line: lineAt(before), column })
  })
  const bytes = Buffer.from(sql)
  let end = 0
  return (parsed.stmts ?? []).flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
    const stop = length ? start + length : bytes.length
    const before = bytes.subarray(end, start).toString()
    end = stop
    const line = lineAt(bytes.subarray(0, start).toString())
    return stmt ? [{ node: stmt, text: bytes.subarray(start, stop).toString().trim(), line, before }] : []
  })
}

const lineAt = (before: string): number => before.split('\n').length
