import { setTimeout as sleep } from 'node:timers/promises'
import type { FeedRuns, RunState } from './runs.ts'

/** What the feed's HTTP side may do to its refresh, in whatever process that runs. */
export type FeedRefresh = {
  /** Rejects if neither is true: the refresh could not be begun. */
  trigger(): Promise<'triggered' | 'already in progress'>
  /** Asks the refresh to stop; false if none goes on. */
  cancel(): Promise<boolean>
  /** How it stands at this moment; `unknown`, within a second, while the database is away. Never rejects. */
  state(): Promise<RunState | 'unknown'>
  /** Ends what this process runs, noted as interrupted. */
  close(): Promise<void>
}

const PATIENCE_MS = 800

type State = RunState | 'unknown'

/**
 * Reads the state of the refresh for all who ask, by one query at a time, however many that are. Nobody is given what
 * a query found that began before they asked: whoever has just begun a refresh, in whatever process, sees it. A query
 * that hangs costs one connection, and all who wait for it are told `unknown` in time.
 */
export function sharedState(
  { state }: Pick<FeedRuns, 'state'>,
  pause = (ms: number): Promise<unknown> => sleep(ms),
): () => Promise<State> {
  let current: Promise<State> | undefined
  let next: Promise<State> | undefined

  function read(): Promise<State> {
    const mine = state().catch(() => 'unknown' as const)
    current = mine
    void mine.then(() => {
      current = undefined
    })
    return mine
  }

  function ask(): Promise<State> {
    if (!current) return read()
    next ??= current.then(() => {
      next = undefined
      return read()
    })
    return next
  }

  return () => Promise.race([ask(), pause(PATIENCE_MS).then(() => 'unknown' as const)])
}
