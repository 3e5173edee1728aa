import type { StackContext } from '../context.ts'
import { EXIT, KitError } from '../errors.ts'
import { syncFiles } from '../files/durable.ts'
import { ROUTES_FILE } from '../haproxy/routes.ts'
import { migrationsLeft } from '../migrations/left.ts'
import { sinceLastGood } from '../releases/last-good.ts'
import { currentFiles, recordFile } from '../releases/record.ts'
import type { Colour } from '../stack/colours.ts'
import { type Entry, JOURNAL, openJournal, readJournal, silentJournal } from './journal.ts'
import { stepsOf } from './pipeline.ts'
import { type Plan, planOf } from './plan.ts'
import { Held, type Running, runSteps, type Step, undoSteps } from './steps.ts'
import { inWords, type Unfinished, unfinished } from './unfinished.ts'

/** How a plan ended. */
export type Outcome = {
  id: string
  command: Plan['command']
  result: 'deployed' | 'rolled-back' | 'switched' | 'contracted' | 'failed' | 'aborted'
  /** The colour that serves now, and the image that this was about. */
  active: Colour
  image: string
  /** How long it went forward; absent where this process only undid. */
  ms?: number
  /** How long going back took; set when it did not end as planned. */
  back_ms?: number
  /** When HAProxy's commit was done (`clock.now()`), and how long it took; absent where traffic did not move. */
  moved?: { at: number; commitMs: number }
  /** What it changed against the last good release; set when it did not end as planned. */
  changed?: string[]
  /** Migrations of it that stay applied although it went back: the release that serves works with them. */
  migrations?: string[]
  /** Set when it did not end as planned. */
  error?: unknown
}

const SUCCESS = {
  up: 'deployed',
  deploy: 'deployed',
  rollback: 'rolled-back',
  switch: 'switched',
  contract: 'contracted',
} as const

/**
 * Carries out a plan. When a step fails or is interrupted, all that was begun is undone; the outcome says which.
 * Errors: Held, where users are where they were to be and what follows them has to wait; it could not be undone fully.
 */
export async function carryOut(context: StackContext, plan: Plan): Promise<Outcome> {
  await settle(context, plan)
  const journal = context.world.runner.dry ? silentJournal : openJournal(context.world, plan.command, plan.id)
  await journal.write({ event: 'begin', plan })
  return forward(context, plan, running(context, journal, []), [])
}

/** Goes on with what was cut off: forward to the new release, or further back if it was going back already. */
export async function resume(context: StackContext, left: Unfinished): Promise<Outcome> {
  const plan = planOf(left)
  await settle(context, plan)
  const journal = openJournal(context.world, plan.command, plan.id)
  const state = running(context, journal, left.entries)
  if (left.undoing) return back(context, plan, state, lastError(left))
  return forward(context, plan, state, left.entries)
}

/** Undoes what was cut off. */
export async function abort(context: StackContext, left: Unfinished): Promise<Outcome> {
  const plan = planOf(left)
  await settle(context, plan)
  const journal = openJournal(context.world, plan.command, plan.id)
  const reason = left.undoing ? lastError(left) : new KitError('aborted', { code: EXIT.interrupted })
  return back(context, plan, running(context, journal, left.entries), reason)
}

/** Errors: a command was cut off, and only a person may decide how it ends. */
export async function refuseUnfinished({ world }: Pick<StackContext, 'world'>): Promise<void> {
  const left = unfinished(await readJournal(world.disk))
  if (!left) return
  throw new KitError(inWords(left), {
    why: left.undoing ? 'it had failed and was going back' : 'it neither ended nor was undone',
    next: left.undoing
      ? './ecomweb abort   (or resume: both bring the release before it back)'
      : './ecomweb resume   (goes on), or ./ecomweb abort   (brings the release before it back)',
    code: EXIT.unfinished,
  })
}

/** A step that finds its work done must not rely on what a killed process may have left in memory only. */
async function settle({ world: { disk } }: StackContext, { id }: Plan): Promise<void> {
  const replaced = [...(await currentFiles(disk)).keys(), ROUTES_FILE, JOURNAL]
  await syncFiles(disk, [...replaced, recordFile(`${id}-before`)])
}

async function forward(
  context: StackContext,
  plan: Plan,
  state: Running,
  entries: readonly Entry[],
): Promise<Outcome> {
  const start = context.world.clock.now()
  try {
    await runSteps(remaining(stepsOf(context, plan), entries), state)
  } catch (error) {
    if (error instanceof Held) throw error
    return back(context, plan, state, error, Math.round(context.world.clock.now() - start))
  }
  const ms = Math.round(context.world.clock.now() - start)
  const outcome = {
    result: SUCCESS[plan.command],
    active: plan.command === 'contract' ? plan.from : plan.to,
    image: plan.image,
    ms,
  }
  await state.journal.write({ event: 'end', ...outcome })
  return { id: plan.id, command: plan.command, ...outcome, ...moved(state) }
}

function moved({ facts }: Running): Pick<Outcome, 'moved'> {
  const fact = facts.get('switch')
  if (!fact) return {}
  return { moved: { at: fact.at, commitMs: (fact.value as { commit_ms: number }).commit_ms } }
}

async function back(
  context: StackContext,
  plan: Plan,
  state: Running,
  error: unknown,
  ms?: number,
): Promise<Outcome> {
  const start = context.world.clock.now()
  const steps = stepsOf(context, plan)
  const stuck = await undoSteps(steps, state)
  if (stuck.length > 0) {
    throw new KitError(`${plan.command} ${plan.id} could not be undone fully`, {
      why: [
        `not undone: ${stuck.map(({ title }) => title).join(', ')}`,
        `it had failed: ${message(error)}`,
      ].join('\n'),
      next: 'mend the cause, then ./ecomweb abort',
      code: EXIT.unfinished,
      cause: error,
    })
  }
  const back_ms = Math.round(context.world.clock.now() - start)
  const { disk } = context.world
  const outcome = {
    result: failure(context, plan, steps, state, error),
    active: plan.from,
    image: plan.image,
    ...(ms === undefined ? {} : { ms }),
    back_ms,
    changed: await sinceLastGood(disk, await readJournal(disk), plan.id),
    migrations: await migrationsLeft(context, plan, state),
  }
  await state.journal.write({ event: 'end', ...outcome, reason: message(error) })
  return { id: plan.id, command: plan.command, ...outcome, error }
}

/** Users had reached the new release, or they had not; or a person ended it. A rollback that failed is no rollback. */
function failure(
  { interrupted }: StackContext,
  { command }: Plan,
  steps: readonly Step[],
  { begun }: Running,
  error: unknown,
): 'rolled-back' | 'failed' | 'aborted' {
  if (interrupted.aborted || (error instanceof KitError && error.code === EXIT.interrupted)) return 'aborted'
  const reached = steps.some(({ id, urgent }) => urgent && begun.has(id))
  return reached && command !== 'rollback' ? 'rolled-back' : 'failed'
}

/**
 * What is still to be done. Readiness is of the moment: it is looked at again before users are sent there. So is
 * traffic, which may have gone back where a full disk kept that out of the journal; a switch that holds is none.
 */
function remaining(steps: readonly Step[], entries: readonly Entry[]): Step[] {
  const done = new Set(entries.filter(({ event }) => event === 'step-done').map(({ step }) => step))
  return steps.filter(({ id }) => !done.has(id) || id === 'switch' || (id === 'ready' && !done.has('switch')))
}

const running = (context: StackContext, journal: Running['journal'], entries: readonly Entry[]): Running => ({
  journal,
  progress: context.progress,
  clock: context.world.clock,
  interrupted: context.interrupted,
  facts: new Map(),
  begun: new Set(
    entries.flatMap(({ event, step }) => (event === 'step' && step !== undefined ? [step] : [])),
  ),
})

function lastError({ entries }: Unfinished): KitError {
  const failed = entries.findLast(({ event }) => event === 'step-failed')
  return new KitError(String(failed?.error ?? 'it was going back'), {
    ...(failed?.why ? { why: String(failed.why) } : {}),
    ...(failed?.next ? { next: String(failed.next) } : {}),
  })
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))
