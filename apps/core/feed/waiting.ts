import { setTimeout as sleep } from 'node:timers/promises'
import type { RunState } from './runs.ts'

/** Since when a refresh that was asked for is kept for a worker, as far as is known; undefined if none is. */
export type Waiting = {
  since(): Promise<Date | undefined>
  /** What was found before holds no longer. */
  forget(): void
}

type Parts = { now?: () => number; pause?: (ms: number) => Promise<unknown> }

const FRESH_MS = 1000
const PATIENCE_MS = 300

/**
 * Asks `look` once a second at most, whoever wants to know, since /status should cost no more than it must. While that
 * fails or is silent, nothing is known to wait.
 */
export function lookForWaiting(
  look: () => Promise<Date | undefined>,
  { now = () => performance.now(), pause = (ms) => sleep(ms) }: Parts = {},
): Waiting {
  let latest: Promise<Date | undefined> | undefined
  let askedAt = 0
  const ask = () => Promise.race([look().catch(() => undefined), pause(PATIENCE_MS).then(() => undefined)])
  return {
    since() {
      if (!latest || now() - askedAt >= FRESH_MS) {
        askedAt = now()
        latest = ask()
      }
      return latest
    },
    forget() {
      latest = undefined
    },
  }
}

/** The state of the runs, and beside it what waits. `read` comes first: a worker may claim the run meanwhile. */
export async function stateWithWaiting(
  read: () => Promise<RunState>,
  waiting: Pick<Waiting, 'since'>,
): Promise<RunState> {
  const state = await read()
  if (state.running) return state
  const waitingSince = await waiting.since()
  if (!waitingSince) return state
  const { last } = state
  // A workflow outlives its run for a moment; of one whose run was lost, another worker takes over.
  const over = last && last.status !== 'lost' && last.finishedAt >= waitingSince
  return over ? state : { ...state, waitingSince }
}
