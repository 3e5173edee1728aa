import { setTimeout as delay } from 'node:timers/promises'

export type Patience = {
  maxAttempts: number
  intervalMs: number
  say: (line: string) => void
  sleep?: (ms: number) => Promise<unknown>
}

/** How patient a container is at its start, from its environment. */
export function readPatience(env: NodeJS.ProcessEnv): Pick<Patience, 'maxAttempts' | 'intervalMs'> {
  return {
    maxAttempts: positive(env.READY_MAX_ATTEMPTS, 60),
    intervalMs: positive(env.READY_INTERVAL_MS, 2000),
  }
}

/**
 * Calls `look` until it finds nothing missing. Says what it waits for when that changes, and every tenth time
 * so that a quiet log is not taken for a hang. Answers undefined, or what was still missing at the end.
 */
export async function waitUntil(
  look: () => Promise<string | undefined>,
  { maxAttempts, intervalMs, say, sleep = delay }: Patience,
): Promise<string | undefined> {
  let missing: string | undefined
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const before = missing
    missing = await look()
    if (missing === undefined) return undefined
    if (attempt === maxAttempts) break
    if (missing !== before || attempt % 10 === 0)
      say(`waiting (attempt ${attempt} of ${maxAttempts}): ${missing}`)
    await sleep(intervalMs)
  }
  return missing
}

function positive(text: string | undefined, otherwise: number): number {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : otherwise
}
