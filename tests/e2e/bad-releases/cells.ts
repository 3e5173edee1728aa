import { BAD_RELEASES, type BadRelease } from '../harness/images.ts'

/** A bad release under 200 requests a second, or under one in 5 seconds. */
export type Cell = { release: BadRelease; load: 'busy' | 'quiet' }

export const cellName = ({ release, load }: Cell): string => `${release}, ${load}`

const LOADS = ['busy', 'quiet'] as const

export const allCells = (): Cell[] =>
  BAD_RELEASES.flatMap((release) => LOADS.map((load) => ({ release, load })))

/** One cell of each load, of different releases, chosen by the seed. */
export function someCells(seed: number): Cell[] {
  const count = BAD_RELEASES.length
  const first = seed % count
  const second = (first + 1 + (Math.floor(seed / count) % (count - 1))) % count
  return [first, second].map((index, at) => ({
    release: BAD_RELEASES[index] as BadRelease,
    load: LOADS[at] as Cell['load'],
  }))
}

/** How `./ecomweb why` must name what was wrong. */
export const REASONS: Record<BadRelease, RegExp> = {
  'bad-errors': /answers to (users|probes) were errors/,
  'bad-route': /answers to (users|probes) were errors/,
  'bad-post': /answers to (users|probes) were errors/,
  'bad-latency': /answers (users|probes) slower/,
  'bad-leak': /ran out of memory|only \d of \d processes|got no answer from the new colour/,
}
