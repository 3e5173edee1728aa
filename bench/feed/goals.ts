import type { Results } from '../results.ts'
import { percentile } from './client.ts'

/** Milliseconds to the first byte at the 99th percentile while others download. */
export const GOALS_MS = {
  '/health': 10,
  '/status': 50,
  '/fetch-data': 100,
  'first streamed event': 100,
} as const
export type Asked = keyof typeof GOALS_MS

/** At most this much of nginx's time. */
export const NGINX_GOAL = 1.2

/** One line of a result beside its goal. */
export function judged(asked: Asked, samples: number[]): string {
  const p99 = percentile(samples, 0.99)
  const goal = GOALS_MS[asked]
  const verdict = p99 <= goal ? 'reached' : 'MISSED'
  return `${p99.toFixed(1)} ms over ${samples.length} requests; the goal is ${goal} ms: ${verdict}`
}

/** The same for the whole time of one server over that of nginx, by the medians of their rounds. */
export function judgedRatio(results: Pick<Results, 'samples'>, ours: string, nginx: string): string {
  const ratio = percentile(results.samples(ours), 0.5) / percentile(results.samples(nginx), 0.5)
  return `${ratio.toFixed(2)}; the goal is ${NGINX_GOAL}: ${ratio <= NGINX_GOAL ? 'reached' : 'MISSED'}`
}
