import { setTimeout as sleep } from 'node:timers/promises'

/** Time as an argument: tests give one that does not wait. Milliseconds. */
export type Clock = { now(): number; sleep(ms: number): Promise<void> }

export const systemClock: Clock = { now: () => performance.now(), sleep: (ms) => sleep(ms) }

export type PollOptions = { timeoutMs: number; intervalMs?: number; clock?: Clock }

/** Repeats `look` until it returns something other than undefined; undefined when the time is over. */
export async function poll<T>(
  look: () => Promise<T | undefined>,
  options: PollOptions,
): Promise<T | undefined> {
  const { timeoutMs, intervalMs = 250, clock = systemClock } = options
  const end = clock.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (clock.now() + intervalMs > end) return undefined
    await clock.sleep(intervalMs)
  }
}
