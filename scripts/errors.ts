/** Exit codes of `./ecomweb`: what a script that calls it can rely on. */
export const EXIT = { ok: 0, failed: 1, usage: 2, locked: 75, unfinished: 76, interrupted: 130 } as const

type Detail = {
  why?: string
  next?: string
  code?: number
  cause?: unknown
  /** For the journal: what `why` and `history` tell of it later. */
  facts?: Record<string, unknown>
}

/** An error a person can act on: what happened, why, and the command to type next. */
export class KitError extends Error {
  readonly why: string | undefined
  readonly next: string | undefined
  readonly code: number
  readonly facts: Record<string, unknown> | undefined

  constructor(what: string, { why, next, code = EXIT.failed, cause, facts }: Detail = {}) {
    super(what, { cause })
    this.name = 'KitError'
    this.why = why
    this.next = next
    this.code = code
    this.facts = facts
  }
}

/** The text printed for any error; a stack only for what nobody foresaw, or with VERBOSE=1. */
export function explain(error: unknown, verbose = false): string {
  if (!(error instanceof Error)) return `Error: ${String(error)}`
  if (!(error instanceof KitError)) return `Unexpected error: ${error.stack ?? error.message}`
  const lines = [`Error: ${error.message}`]
  if (error.why) lines.push(indent('why:  ', error.why))
  if (error.next) lines.push(indent('next: ', error.next))
  if (verbose && error.stack) lines.push(error.stack)
  return lines.join('\n')
}

const indent = (label: string, text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line, index) => (index === 0 ? `  ${label}${line}` : `        ${line}`))
    .join('\n')
