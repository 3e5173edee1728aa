import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** Keeps one core busy for a while. */
const SPIN = `const { workerData: ms } = require('node:worker_threads')
for (const end = performance.now() + ms; performance.now() < end; );`

/** Milliseconds, each time anew: how long a neighbour works, and how long it rests before. */
const [WORK, REST] = [
  [500, 4000],
  [3000, 12_000],
] as const

/** A neighbour on the same host that now and then takes a core, until the signal is given. */
export async function neighbour(stop: AbortSignal, random: () => number = Math.random): Promise<void> {
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * random()
  while (!stop.aborted) {
    await delay(between(REST), undefined, { signal: stop }).catch(() => {})
    if (stop.aborted) return
    const worker = new Worker(SPIN, { eval: true, workerData: between(WORK) })
    await new Promise((resolve) => worker.once('exit', resolve))
  }
}
