import { EXIT, KitError } from '../errors.ts'
import type { Progress } from '../output/progress.ts'
import type { Clock } from '../ports.ts'
import type { Journal } from './journal.ts'

/**
 * One step of a plan. It is made from the journalled plan alone, looks at reality first and may be run again, so that
 * another process can go on with it after a crash. `undo` brings back what `run` changed, also when `run` was cut off.
 */
export type Step = {
  /** Stable: the journal names it. */
  id: string
  title: string
  /** What it resolves with goes into the journal; so does what `undo` resolves with. */
  run(detail: (text: string) => void): Promise<unknown>
  undo?: () => Promise<unknown>
  /** Undone before all others: users first. */
  urgent?: boolean
  /** Undone right after the users. */
  early?: boolean
}

/** A step that waits for something outside: nothing is undone, and `resume` goes on with it. */
export class Held extends KitError {
  constructor(what: string, detail: { why?: string; next: string; cause: unknown }) {
    super(what, { ...detail, code: EXIT.unfinished })
    this.name = 'Held'
  }
}

export type Running = {
  journal: Journal
  progress: Progress
  clock: Pick<Clock, 'now'>
  interrupted: AbortSignal
  /** Ids of the steps that were announced, by this process or by an earlier one. */
  begun: Set<string>
  /** What steps resolved with in this process, and when (`clock.now()`). */
  facts: Map<string, { at: number; value: unknown }>
}

/**
 * Runs steps in order, each announced in the journal before it acts. Rethrows the first error; an interruption counts
 * as a failure of the step that it meets.
 */
export async function runSteps(steps: readonly Step[], running: Running): Promise<void> {
  const { journal, progress, clock, interrupted, begun } = running
  for (const step of steps) {
    begun.add(step.id)
    try {
      await journal.write({ event: 'step', step: step.id, title: step.title })
      const start = clock.now()
      const facts = await progress.step(step.title, step.run)
      interrupted.throwIfAborted()
      running.facts.set(step.id, { at: clock.now(), value: facts })
      const ms = Math.round(clock.now() - start)
      await journal.write({ event: 'step-done', step: step.id, ms, ...(isFacts(facts) ? { facts } : {}) })
    } catch (error) {
      const event = error instanceof Held ? 'step-held' : 'step-failed'
      await journal.write({ event, step: step.id, ...describe(error) }).catch(() => {})
      throw error
    }
  }
}

/**
 * Undoes what was begun: what users feel first, the rest in reverse order. A failing undo is reported and the rest
 * still undone, but for one: while users could not be moved back, nothing is taken away from where they are.
 * Resolves with the steps that are not undone. Traffic moves also where the journal
 * cannot say so: a full disk must not keep it where it does harm. Nothing else does, since `resume` goes by the journal.
 */
export async function undoSteps(
  steps: readonly Step[],
  { journal, progress, begun }: Running,
): Promise<Step[]> {
  const backwards = steps.filter(({ id }) => begun.has(id)).toReversed()
  const rank = ({ urgent, early }: Step) => (urgent ? 0 : early ? 1 : 2)
  const order = backwards.toSorted((a, b) => rank(a) - rank(b))
  const failed: Step[] = []
  for (const step of order) {
    if (!step.undo) continue
    if (!step.urgent && failed.some(({ urgent }) => urgent)) {
      failed.push(step)
      continue
    }
    try {
      const announced = journal.write({ event: 'undo', step: step.id })
      await (step.urgent ? announced.catch(() => {}) : announced)
      const facts = await progress.step(`undo: ${step.title}`, step.undo)
      await journal.write({ event: 'undo-done', step: step.id, ...(isFacts(facts) ? { facts } : {}) })
    } catch (error) {
      failed.push(step)
      progress.note(`could not undo "${step.title}": ${(error as Error).message}`)
      await journal.write({ event: 'undo-failed', step: step.id, ...describe(error) }).catch(() => {})
    }
  }
  return failed
}

function describe(error: unknown): Record<string, unknown> {
  const { message, why, next, facts } = error as Partial<KitError>
  return { error: message, ...(why ? { why } : {}), ...(next ? { next } : {}), ...(facts ? { facts } : {}) }
}

const isFacts = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
