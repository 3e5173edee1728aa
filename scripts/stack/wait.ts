import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../ports.ts'

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: (ms, until) => sleep(ms, undefined, { signal: until }).catch(() => {}),
}

/** Time is an argument: tests give one that does not wait. */
export type PollOptions = { timeoutMs: number; intervalMs?: number; clock?: Pick<Clock, 'now' | 'sleep'> }

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
