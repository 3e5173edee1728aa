/** What Prisma's command line asks of a schema engine, read from its arguments. */
export type Request =
  | { kind: 'version' }
  | { kind: 'database'; action: string; url: string }
  | { kind: 'serve'; url: string; datamodels: string[] }

const OPTIONS_WITH_VALUE = new Set(['--enabled-preview-features', '--extension-types'])

/** Reads the argument list of `schema-engine`; options that PostgreSQL does not need are skipped. */
export function parseArguments(argv: readonly string[]): Request {
  const datamodels: string[] = []
  const words: string[] = []
  let url = ''
  const rest = [...argv]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--version' || word === '-V') return { kind: 'version' }
    if (word === '--datamodels' || word === '-d') datamodels.push(rest.shift() ?? '')
    else if (word === '--datasource') url = datasourceUrl(rest.shift() ?? '')
    else if (OPTIONS_WITH_VALUE.has(word)) rest.shift()
    else words.push(word)
  }
  if (words[0] === 'cli') return { kind: 'database', action: words[1] ?? '', url }
  return { kind: 'serve', url, datamodels }
}

function datasourceUrl(json: string): string {
  const value: unknown = JSON.parse(json)
  const url = value && typeof value === 'object' && 'url' in value ? value.url : ''
  return typeof url === 'string' ? url : ''
}
