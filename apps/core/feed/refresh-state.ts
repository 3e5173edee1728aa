import { setTimeout as sleep } from 'node:timers/promises'
import type { FeedRuns, RunState } from './runs.ts'

/** What the feed's HTTP side may do to its refresh, in whatever process that runs. */
export type FeedRefresh = {
  /** Rejects if neither is true: the refresh could not be begun. */
  trigger(): Promise<'triggered' | 'already in progress'>
  /** Asks the refresh to stop; false if none goes on. */
  cancel(): Promise<boolean>
  /** How it stands, at most a second old; `unknown`, within a second, while the database is away. Never rejects. */
  state(): Promise<RunState | 'unknown'>
  /** Ends what this process runs, noted as interrupted. */
  close(): Promise<void>
}

const FRESH_MS = 1000
const PATIENCE_MS = 800

export type SharedState = { get: () => Promise<RunState | 'unknown'>; forget: () => void }

/**
 * Reads the state of the refresh at most once a second, however many ask: each event stream does. A read that hangs
 * is shared too, so that a database which is away costs one connection and not one for each who asks.
 */
export function sharedState(
  { state }: Pick<FeedRuns, 'state'>,
  { now = () => performance.now(), pause = (ms: number): Promise<unknown> => sleep(ms) } = {},
): SharedState {
  let known: { state: RunState | 'unknown'; at: number } | undefined
  let reading: Promise<RunState | 'unknown'> | undefined

  function read(): Promise<RunState | 'unknown'> {
    const at = now()
    const mine = state()
      .catch(() => 'unknown' as const)
      .then((answer) => {
        // Outdated before it came: whoever asks now reads again.
        if (reading === mine) {
          known = { state: answer, at }
          reading = undefined
        }
        return answer
      })
    return mine
  }

  return {
    async get() {
      if (known && now() - known.at < FRESH_MS) return known.state
      reading ??= read()
      return Promise.race([reading, pause(PATIENCE_MS).then(() => 'unknown' as const)])
    },
    /** What was read before is outdated: somebody here has begun or cancelled a refresh. */
    forget() {
      known = undefined
      reading = undefined
    },
  }
}
