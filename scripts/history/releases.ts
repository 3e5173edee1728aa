import type { Watched } from '../analysis/types.ts'
import { type Colour, isColour } from '../stack/colours.ts'
import { childOf, listOf, numberOf, textOf, watchedOf } from './facts.ts'

/** A line of the journal, as any version of the kit may have written it. */
export type JournalLine = { at: string; id: string; command: string; event: string; [fact: string]: unknown }

/** `ms` is missing, and `ok` false, where a step was cut off. */
export type StepRecord = { step: string; title: string; ms?: number; ok: boolean; watched?: Watched }

/** Why a step failed, with what is known of the container that was at fault. */
export type Failure = {
  step?: string
  error: string
  why?: string
  next?: string
  /** File with the container's whole output. */
  log?: string
  exitCode?: number
  oomKilled?: boolean
}

/** One deploy, rollback, switch or contract migration, as the journal tells it. */
export type Release = {
  id: string
  command: string
  /** The image that was to go live; unknown where an old journal does not say. */
  image?: string
  reference?: string
  /** The kit itself pulled the reference. */
  pulled?: true
  /** As journalled at its end; `unfinished` without one. */
  result: string
  from?: Colour
  to?: Colour
  /** ISO. */
  startedAt: string
  /** How long it went forward, and back where it failed. */
  ms?: number
  backMs?: number
  by?: string
  reason?: string
  /** What it changed against the last good release. */
  changed?: string[]
  /** Migrations that stay applied although it went back. */
  migrations?: string[]
  /** Folder with what is left of its container. */
  kept?: string
  failure?: Failure
  steps: StepRecord[]
  /** Steps that were undone, in this order, and those that could not be. */
  undone: string[]
  notUndone: string[]
  watched: Watched[]
}

/** All that the journal tells of, newest first. */
export function releases(lines: readonly JournalLine[]): Release[] {
  const known = lines.filter(({ id, event }) => typeof id === 'string' && typeof event === 'string')
  return withImages([...Map.groupBy(known, ({ id }) => id).values()].map(fold)).toReversed()
}

/** It did what it was asked for and changed what serves. A deploy that rolled itself back did not. */
export const isGood = ({ command, result }: Pick<Release, 'command' | 'result'>): boolean =>
  result === 'deployed' || result === 'switched' || (command === 'rollback' && result === 'rolled-back')

/** Of a step that did not do what it was to do, or not yet. */
const FAILED = /^step-(failed|held)$/

function fold(lines: JournalLine[]): Release {
  const begin = lines.find(({ event }) => event === 'begin') ?? (lines[0] as JournalLine)
  const end = lines.findLast(({ event }) => event === 'end')
  const plan = childOf(begin, 'plan')
  // What the plan says was decided; an end says what came of it.
  const say = (name: string) => textOf(plan, name) ?? textOf(begin, name) ?? textOf(end, name)
  const colour = (name: string) => {
    const said = say(name)
    return isColour(said) ? said : undefined
  }
  const steps = stepsOf(lines)
  const named = (event: string) => {
    const names = new Set(lines.filter((line) => line.event === event).map((line) => textOf(line, 'step')))
    return [...names].map((name) => steps.find(({ step }) => step === name)?.title ?? name ?? '')
  }
  const failed = lines.findLast(({ event }) => FAILED.test(event))
  const result = textOf(end, 'result') ?? 'unfinished'
  const well = isGood({ command: begin.command, result }) || /^(contracted|unchanged)$/.test(result)
  const failure = well ? undefined : failureOf(failed, end)
  return defined({
    id: begin.id,
    command: begin.command,
    image: say('image'),
    reference: say('reference'),
    pulled: (plan ?? begin).pulled === true || undefined,
    result,
    from: colour('from'),
    to: colour('to'),
    startedAt: begin.at,
    ...(end && timesOf(lines, begin, end)),
    by: say('by'),
    reason: failure?.error,
    changed: listOf(end, 'changed'),
    migrations: listOf(end, 'migrations'),
    kept: lines.map((line) => textOf(childOf(line, 'facts'), 'kept')).findLast((folder) => folder),
    failure,
    steps,
    undone: named('undo').filter((step) => !named('undo-failed').includes(step)),
    notUndone: named('undo-failed'),
    watched: steps.flatMap(({ watched }) => watched ?? []),
  })
}

/** An old journal's `ms` of what failed is only that of the way back. */
function timesOf(lines: JournalLine[], begin: JournalLine, end: JournalLine) {
  const between = (from: JournalLine, to: JournalLine) => Date.parse(to.at) - Date.parse(from.at)
  const turned = lines.find(({ event }) => event === 'step-failed' || event === 'undo')
  const ms = numberOf(end, 'ms')
  if (!turned) return { ms: ms ?? between(begin, end) }
  const backMs = numberOf(end, 'back_ms')
  if (backMs === undefined) return { ms: between(begin, turned), backMs: ms ?? between(turned, end) }
  return { ms: ms ?? between(begin, turned), backMs }
}

/** One record for each step; where a resumed deploy came by again, its last time counts. */
function stepsOf(lines: JournalLine[]): StepRecord[] {
  const steps = new Map<string, StepRecord>()
  for (const line of lines) {
    const step = textOf(line, 'step')
    if (!step || !/^step(-done|-failed|-held)?$/.test(line.event)) continue
    const title = textOf(line, 'title') ?? steps.get(step)?.title ?? step
    const ms = numberOf(line, 'ms') ?? (FAILED.test(line.event) ? sinceBegin(lines, line) : undefined)
    const watched = watchedOf(line.facts)
    steps.set(step, defined({ step, title, ms, ok: line.event === 'step-done', watched }))
  }
  return [...steps.values()]
}

/** How long a step ran that says only when it failed. */
function sinceBegin(lines: JournalLine[], failed: JournalLine): number | undefined {
  const begun = lines
    .slice(0, lines.indexOf(failed))
    .findLast(({ event, step }) => event === 'step' && step === failed.step)
  return begun && Date.parse(failed.at) - Date.parse(begun.at)
}

function failureOf(failed: JournalLine | undefined, end: JournalLine | undefined): Failure | undefined {
  const say = (name: string) => textOf(end, name) ?? textOf(failed, name)
  const error = textOf(end, 'reason') ?? say('error')
  if (error === undefined) return undefined
  const facts = { ...failed, ...childOf(failed, 'facts') }
  const why = say('why')
  const next = say('next')
  return defined({
    step: textOf(failed, 'step'),
    error,
    why,
    next,
    log: textOf(facts, 'log') ?? /\.ecomweb\/failures\/\S+?\.log/.exec(`${error} ${why} ${next}`)?.[0],
    exitCode: numberOf(facts, 'exitCode'),
    oomKilled: facts.oomKilled === true || undefined,
  })
}

/** A switch, and an old rollback, name only the colour: its image is that of the last deploy to it. */
function withImages(oldestFirst: Release[]): Release[] {
  const runs: Partial<Record<Colour, string>> = {}
  return oldestFirst.map((release) => {
    const image = release.image ?? (release.to && runs[release.to])
    if (release.to && image && isGood(release)) runs[release.to] = image
    return image ? { ...release, image } : release
  })
}

/** Without the keys that are undefined. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
}
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Defined<T>
