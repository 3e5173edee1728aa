/** A variable as `.env.api.example` has it. */
export type ExampleVariable = {
  name: string
  /** The example's value, from which the form of a valid one is seen. */
  value: string
  /** The comment above it, on one line. */
  explained: string
  /** Its line begins with #: it has a default. */
  optional: boolean
}

/** Reads `.env.api.example`: comments right above a line explain it, `#NAME=value` shows a default. */
export function readExample(text: string): ExampleVariable[] {
  const found: ExampleVariable[] = []
  let comment: string[] = []
  for (const line of text.split('\n')) {
    const [, mark, name, value] = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) {
      found.push({ name, value: value.trim(), explained: comment.join(' '), optional: mark === '#' })
      comment = []
    } else if (line.startsWith('# ')) comment.push(line.slice(2).trim())
    else comment = []
  }
  return found
}

/** What a value should be instead, judged by the form of the example's; undefined when it will do. */
export function malformed(given: string, example: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(example)?.[1]
  if (scheme) return isUrl(given, scheme) ? undefined : `a URL, ${scheme}://…`
  if (/^[\w.-]+:\d+$/.test(example)) {
    return /^[\w.-]+:\d+$/.test(given) ? undefined : 'host and port without a scheme, host:1234'
  }
  if (/^\d+$/.test(example)) return /^\d+$/.test(given) ? undefined : 'a whole number'
  if (example.startsWith('/')) return given.startsWith('/') ? undefined : 'an absolute path'
  return undefined
}

/** Schemes that stand for the same thing, with and without encryption, short and long. */
const ALIKE = [
  ['postgres', 'postgresql'],
  ['redis', 'rediss'],
  ['http', 'https'],
]

const isAlike = (scheme: string, other: string): boolean =>
  scheme === other || ALIKE.some((names) => names.includes(scheme) && names.includes(other))

function isUrl(text: string, scheme: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false
  const { protocol, hostname, port } = new URL(text)
  return isAlike(protocol.slice(0, -1), scheme.toLowerCase()) && hostname !== '' && port !== '0'
}
