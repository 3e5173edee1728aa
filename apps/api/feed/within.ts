import { setTimeout as sleep } from 'node:timers/promises'

/** Errors: those of the work, or it has not ended in time; then it goes on unheard. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`not done within ${ms} ms`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort()
    late.catch(() => {})
  }
}
