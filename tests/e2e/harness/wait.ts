import { setTimeout as delay } from 'node:timers/promises'

export type Patience = { timeoutMs?: number; everyMs?: number }

/**
 * Asks until the answer is true (or something other than false and undefined) and returns it. An error counts as
 * "not yet" and is shown if time runs out.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T | false | undefined> | T | false | undefined,
  { timeoutMs = 60_000, everyMs = 200 }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let last = ''
  for (;;) {
    try {
      const answer = await condition()
      if (answer !== false && answer !== undefined) return answer
      last = ''
    } catch (error) {
      last = `: ${(error as Error).message}`
    }
    if (performance.now() >= deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}${last}`)
    await delay(everyMs)
  }
}
