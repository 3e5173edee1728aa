import type { Run } from '../../../api/pricing.ts'
import { ApiError } from '../../../api/problem.ts'
import type { Store } from '../../../api/storage.ts'
import { applyKey, settle } from './attempt.ts'

type Previewed = { fingerprint: string; rule: string }
type Parts = {
  execute: (preview: Previewed, idempotencyKey: string) => Promise<Run>
  store: Store
  newKey: () => string
}

/** Answers below 500 that decide nothing: not signed in any more, too slow, too busy. */
const undecided = new Set([401, 408, 429])

/** Applies the changes of a preview once, however often it is tried. Errors: those of `execute`. */
export async function applyPreview(preview: Previewed, { execute, store, newKey }: Parts): Promise<Run> {
  const key = applyKey(preview, store, newKey)
  try {
    const run = await execute(preview, key)
    settle(store)
    return run
  } catch (error) {
    // A clear no: nothing was applied, and the next attempt may have a key of its own.
    if (error instanceof ApiError && error.status < 500 && !undecided.has(error.status)) settle(store)
    throw error
  }
}

/** Whether prices or rules have changed since the preview. */
export const isOutdated = (error: unknown): boolean => error instanceof ApiError && error.status === 409
