import { RULES } from './rules/all.ts'
import type { Statement } from './statements.ts'

const WAIVER = /^--[ \t]*ecomweb:[ \t]*allow\b[ \t]*(\S*)[ \t]*(.*)$/

export type Waivers = {
  /** The rules that are not reported for the statement. */
  allowed: ReadonlySet<string>
  /** What is wrong with a waiver, which then has no effect. */
  faults: string[]
}

/**
 * Reads the lines `-- ecomweb: allow RULE REASON` in front of a statement. A comment on the line on which the
 * statement before ends belongs to that one.
 */
export function readWaivers({ before }: Pick<Statement, 'before'>, first: boolean): Waivers {
  const lines = before.split('\n').slice(first ? 0 : 1)
  const allowed = new Set<string>()
  const faults: string[] = []
  for (const line of lines) {
    const [found, rule = '', reason = ''] = WAIVER.exec(line.trim()) ?? []
    if (found === undefined) continue
    if (!RULES.some(({ name }) => name === rule)) faults.push(`there is no rule "${rule}" to allow`)
    else if (reason.trim() === '') faults.push(`the reason to allow ${rule} is missing`)
    else allowed.add(rule)
  }
  return { allowed, faults }
}
