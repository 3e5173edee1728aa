import { setTimeout as delay } from 'node:timers/promises'
import type { Sample } from '../../scripts/analysis/types.ts'
import { fromSamples, type Recording } from './recording.ts'

/** Looks at HAProxy's counters once a second, without drift. Errors: HAProxy cannot be asked; the signal. */
export async function record(
  sample: () => Promise<Sample>,
  { about, seconds, signal }: { about: string; seconds: number; signal: AbortSignal },
): Promise<Recording> {
  const samples = [await sample()]
  const start = performance.now()
  for (let second = 1; second <= seconds; second += 1) {
    await delay(Math.max(0, start + second * 1000 - performance.now()), undefined, { signal })
    samples.push(await sample())
  }
  return fromSamples(about, samples)
}
