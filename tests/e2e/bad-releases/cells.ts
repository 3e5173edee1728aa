import { BAD_RELEASES, type BadRelease } from '../harness/images.ts'

/** A bad release under 200 requests a second, or under one in 5 seconds. */
export type Cell = { release: BadRelease; load: 'busy' | 'quiet' }

export const cellName = ({ release, load }: Cell): string => `${release}, ${load}`

const LOADS = ['busy', 'quiet'] as const

export const allCells = (): Cell[] =>
  BAD_RELEASES.flatMap((release) => LOADS.map((load) => ({ release, load })))

/** So many wrong answers that a few probes find them, on a machine of any speed. */
const SOON: readonly BadRelease[] = ['bad-route', 'bad-post']

/** One of those that are found soon, by the seed, with few users: many would need a machine that has room for them. */
export const oneCell = (seed: number): Cell[] => [
  { release: SOON[seed % SOON.length] as BadRelease, load: 'quiet' },
]

/** How `./ecomweb why` must name what was wrong. */
export const REASONS: Record<BadRelease, RegExp> = {
  'bad-errors': /answers to (users|probes) were errors/,
  'bad-route': /answers to (users|probes) were errors/,
  'bad-post': /answers to (users|probes) were errors/,
  'bad-latency': /answers (users|probes) slower/,
  'bad-leak': /ran out of memory|only \d of \d processes|got no answer from the new colour/,
}
