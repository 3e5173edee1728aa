/** Reads and edits `KEY=value` files without losing a comment or the order of lines. */

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/

/** Values by name; the last assignment wins, one layer of quotes is removed. */
export function parseEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const [, name, raw] = ASSIGNMENT.exec(line) ?? []
    if (name !== undefined && raw !== undefined) values[name] = unquote(raw.trim())
  }
  return values
}

/** The text with these values set: existing lines are edited in place, new names appended. */
export function editEnvFile(text: string, changes: Record<string, string>): string {
  const left = new Map(Object.entries(changes))
  const lines = text.split('\n').map((line) => {
    const name = ASSIGNMENT.exec(line)?.[1]
    const value = name === undefined ? undefined : left.get(name)
    if (name === undefined || value === undefined) return line
    left.delete(name)
    return `${name}=${value}`
  })
  while (lines.at(-1) === '') lines.pop()
  for (const [name, value] of left) lines.push(`${name}=${value}`)
  return `${lines.join('\n')}\n`
}

const unquote = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value.replace(/\s+#.*$/, '')
