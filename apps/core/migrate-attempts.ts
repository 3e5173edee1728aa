import { isUndoneAsWhole, type Outcome } from './migrate-deploy.ts'
import { type NamedIndex, soleConcurrentIndex, worksBeside } from './migrate-index.ts'
import { sqlState, wasRefused } from './migrate-report.ts'

/** Migrations that one call of Prisma applies. */
export type Run = { names: string[]; lockTimeout: boolean }

/**
 * Cuts the pending migrations into calls. A call has one limit for how long a statement may wait for locks, and what
 * works beside everybody else needs none. In a database that nobody uses yet nothing waits: one call will do.
 */
export function planRuns(
  pending: readonly string[],
  script: (name: string) => string,
  inUse: boolean,
): Run[] {
  const runs: Run[] = []
  for (const name of pending) {
    const lockTimeout = !worksBeside(script(name))
    const last = runs.at(-1)
    if (last && (!inUse || (last.lockTimeout && lockTimeout))) last.names.push(name)
    else runs.push({ names: [name], lockTimeout: inUse ? lockTimeout : true })
  }
  return runs
}

/** What a run needs of the world. */
export type Effects = {
  deploy(run: Run): Promise<Outcome>
  /** The migration that is begun and neither finished nor rolled back. */
  failed(): Promise<string | undefined>
  resolve(name: string, as: 'rolled-back' | 'applied'): Promise<boolean>
  findIndex(index: NamedIndex): Promise<{ valid: boolean } | undefined>
  dropInvalidIndex(index: NamedIndex): Promise<boolean>
  script(name: string): string
  say(line: string): void
  sleep(ms: number): Promise<unknown>
  /** From 0 to 1. */
  random(): number
  /** Whether this process was asked to end. */
  stopping(): boolean
}

/** Why a run ended badly. `undone`: nothing of the migration is left, in the schema or in Prisma's table. */
export type Failure = { name: string | undefined; output: string; undone: boolean; attempts: number }

/** Lock timeout and deadlock: what the same script may well not meet a second time. */
const isPassing = (output: string): boolean => ['55P03', '40P01'].includes(sqlState(output) ?? '')

const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1000, 15_000]

/**
 * The wait before another attempt, in ms: min(15 s, 1 s · 2^(attempt - 1)) · (0.5 + 0.5 · random). Half of it is left
 * to chance, so that two who met once do not meet again (M. Brooker, "Exponential Backoff And Jitter", 2015).
 */
export const backOff = (attempt: number, random: number): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (0.5 + 0.5 * random)

/**
 * Applies one run. What fails for a passing reason is undone and tried again, at most `maxAttempts` times in all.
 * Answers undefined when everything is applied.
 */
export async function applyRun(
  run: Run,
  effects: Effects,
  maxAttempts: number,
): Promise<Failure | undefined> {
  for (let attempts = 1; ; attempts++) {
    const { code, output } = await effects.deploy(run)
    if (code === 0) return undefined
    const name = await effects.failed()
    const undone = name !== undefined && run.names.includes(name) && (await undo(name, output, effects))
    if (!undone || !isPassing(output) || attempts >= maxAttempts || effects.stopping())
      return { name, output, undone, attempts }
    const wait = backOff(attempts, effects.random())
    const met = sqlState(output) === '40P01' ? 'a deadlock' : 'a lock that others hold'
    effects.say(
      `${name} met ${met} and is undone; attempt ${attempts + 1} of ${maxAttempts} in ${Math.round(wait)} ms`,
    )
    await effects.sleep(wait)
  }
}

/**
 * Leaves nothing of a failed migration where that is sure. Sure is: PostgreSQL itself refused the script (a lost
 * connection proves nothing), and undoes it as a whole; or all it does is to make one index, which is dropped.
 */
async function undo(name: string, output: string, effects: Effects): Promise<boolean> {
  if (!wasRefused(output)) return false
  const script = effects.script(name)
  const index = soleConcurrentIndex(script)
  if (index) {
    if (await effects.dropInvalidIndex(index)) effects.say(`dropped ${index.name}, which was left INVALID`)
  } else if (!isUndoneAsWhole(script)) return false
  return effects.resolve(name, 'rolled-back')
}

/**
 * Clears a migration that an earlier process began and did not live to finish. That can only be judged when all it
 * does is to make one index: a valid one means that it is applied, anything else that it is to be done again.
 */
export async function settle(name: string, effects: Effects): Promise<'rolled-back' | 'applied' | undefined> {
  const index = soleConcurrentIndex(effects.script(name))
  if (!index) return undefined
  const as = (await effects.findIndex(index))?.valid ? 'applied' : 'rolled-back'
  if (as === 'rolled-back') await effects.dropInvalidIndex(index)
  if (!(await effects.resolve(name, as))) return undefined
  effects.say(
    `${name} was begun and never finished: its index is ${as === 'applied' ? 'there' : 'made again'}`,
  )
  return as
}
