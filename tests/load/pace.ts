import { setTimeout as delay } from 'node:timers/promises'

/** Waits, or returns at once when the load is stopped. */
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted || ms <= 0) return
  await delay(ms, undefined, { signal: stop }).catch(() => {})
}

/**
 * Runs `work` again and again, at most once per interval and one at a time. What was missed while the other
 * side was slow is not made up for: a burst after a stall would measure the client, not the server.
 */
export async function repeat(
  options: { everyMs: number; firstMs?: number; stop: AbortSignal },
  work: () => Promise<unknown>,
): Promise<void> {
  const { everyMs, firstMs = 0, stop } = options
  let due = performance.now() + firstMs
  for (;;) {
    await pause(due - performance.now(), stop)
    if (stop.aborted) return
    await work()
    due = Math.max(due + everyMs, performance.now())
  }
}

/** Several workers that share a rate: each takes its part, started one after another within the interval. */
export async function crowd(
  options: { workers: number; perSecond: number; stop: AbortSignal },
  work: (worker: number) => () => Promise<unknown>,
): Promise<void> {
  const { workers, perSecond, stop } = options
  if (workers <= 0 || perSecond <= 0) return
  const everyMs = (workers * 1000) / perSecond
  await Promise.all(
    Array.from({ length: workers }, (_, worker) =>
      repeat({ everyMs, firstMs: (everyMs * worker) / workers, stop }, work(worker)),
    ),
  )
}

/** Between half and one and a half times `ms`, so that clients do not march in step. */
export const around = (ms: number): number => ms * (0.5 + Math.random())
