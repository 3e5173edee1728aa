import type { Statement } from './statements.ts'

/** `breaks`: the colour still serving fails. `locks`: its statements wait. `review`: a person has to judge it. */
export type Severity = 'breaks' | 'locks' | 'review'

/** A migration that would be applied; `contract` files run when the old colour is gone. */
export type PendingMigration = { name: string; sql: string; contract: boolean }

export type Finding = {
  migration: string
  /** Counted from 1. */
  line: number
  /** The statement on one line, at most 100 characters of it. */
  statement: string
  rule: string
  severity: Severity
  /** What happens to a stack that serves meanwhile. */
  message: string
  /** The way to the same end that does no harm. */
  safe: string
}

/** What one rule says of one statement. */
export type Hit = {
  message: string
  safe: string
  /** What remains true when no old colour is left: how the statement blocks the new one. */
  lock?: string
}

/** What a rule may know besides its statement. */
export type Scope = {
  /** Whether a pending migration before this statement made the relation or type, so that nobody uses it yet. */
  isNew(name: string): boolean
  /** All statements of the file. */
  file: readonly Statement[]
  /** All statements before this one, applied migrations first. */
  earlier: readonly Statement[]
}

export type Rule = {
  name: string
  severity: Severity
  /** It speaks of the old colour alone: in a contract file only the `lock` of a hit is left of it. */
  oldColour?: boolean
  /** It holds for relations of this batch too. */
  newToo?: boolean
  find(statement: Statement, scope: Scope): Hit[]
}
