import type { FactName, Facts, FactValues } from './facts.ts'

/** `stop`: a deploy would fail or put users or data at risk. `warn`: it works, but something should be mended. */
export type Level = 'stop' | 'warn'

/** What is wrong, why it matters, and the command that mends it. */
export type Finding = { check: string; level: Level; what: string; why: string; next: string }
export type Found = Omit<Finding, 'check'>

/** What is wrong; or, when nothing is, what was seen; or why there was nothing to look at. */
export type Look = Found[] | string | { skipped: string }

/** A named look at facts; pure. */
export type Check = {
  id: string
  title: string
  needs: readonly FactName[]
  /** How bad it is when a needed fact could not be had. */
  unknown: Level
  look(facts: FactValues): Look
}

type Definition<Name extends FactName> = {
  id: string
  title: string
  needs: readonly Name[]
  unknown?: Level
  look(facts: Pick<FactValues, Name>): Look
}

/** Makes a check that sees only the facts that it names. */
export const check = <Name extends FactName>({ unknown = 'stop', ...rest }: Definition<Name>): Check => ({
  ...rest,
  unknown,
})

export const stop = (what: string, why: string, next: string): Found => ({ level: 'stop', what, why, next })
export const warn = (what: string, why: string, next: string): Found => ({ level: 'warn', what, why, next })

/** The findings, or in their absence what was seen. */
export const unlessSeen = (found: Found[], seen: string): string | Found[] =>
  found.length > 0 ? found : seen

export type Outcome = {
  check: string
  title: string
  /** What was seen; empty when there are findings. */
  seen: string
  /** Not looked at, because of what another check reports. */
  skipped: boolean
  findings: Finding[]
}

/** Judges facts; pure. A fact that could not be had is a finding of the first check that needs it. */
export function judgeFacts(checks: readonly Check[], facts: Facts): Outcome[] {
  const told = new Set<string>()
  return checks.map(({ id, title, needs, unknown, look }) => {
    const outcome = { check: id, title, seen: '', skipped: false, findings: [] }
    const missing = needs.flatMap((name) => {
      const fact = facts[name]
      return 'missing' in fact ? [fact.missing] : []
    })
    if (missing[0]) {
      const news = missing.filter(({ what }, index) => {
        const first = missing.findIndex((other) => other.what === what) === index
        return first && !told.has(what)
      })
      for (const { what } of news) told.add(what)
      if (news.length === 0) return { ...outcome, skipped: true, seen: `not looked at: ${missing[0].what}` }
      return { ...outcome, findings: news.map((lack) => ({ check: id, level: unknown, ...lack })) }
    }
    const values = Object.fromEntries(
      Object.entries(facts).flatMap(([name, fact]) => ('value' in fact ? [[name, fact.value]] : [])),
    ) as FactValues
    const found = look(values)
    if (typeof found === 'string') return { ...outcome, seen: found }
    if ('skipped' in found) return { ...outcome, skipped: true, seen: found.skipped }
    return { ...outcome, findings: found.map((finding) => ({ check: id, ...finding })) }
  })
}
