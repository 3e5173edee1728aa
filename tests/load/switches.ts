import type { Sample } from './recorder.ts'

/** A change of the colour that answers, dated by the first request that the new colour got. */
export type Switch = { at: number; to: string; begun: number }

/** A command that moved traffic, as whoever gave it saw it: epoch ms from its start to its return. */
export type Move = { to: string; start: number; end: number }

/**
 * So many answers in a row from another colour make a switch. Requests overtake each other around it, but at
 * most as many as are under way at a time.
 */
const IN_A_ROW = 40

/** Finds the switches in what clients saw, knowing nothing of the commands that were given. */
export function findSwitches(samples: readonly Sample[]): Omit<Switch, 'begun'>[] {
  const ordered = byBegin(samples)
  const switches: Omit<Switch, 'begun'>[] = []
  let colour = ordered[0]?.servedBy
  let run: Sample[] = []
  for (const sample of ordered) {
    if (sample.servedBy === colour) {
      run = []
      continue
    }
    if (run[0] && run[0].servedBy !== sample.servedBy) run = []
    run.push(sample)
    if (run.length < IN_A_ROW || !run[0]) continue
    colour = sample.servedBy
    switches.push({ at: run[0].begun, to: colour })
    run = []
  }
  return switches
}

/** Dates each move that was commanded; one that no client ever saw is left out. */
export function dateMoves(samples: readonly Sample[], moves: readonly Move[]): Omit<Switch, 'begun'>[] {
  const ordered = byBegin(samples)
  return moves.flatMap(({ to, start }) => {
    const first = ordered.find(({ begun, servedBy }) => begun >= start && servedBy === to)
    return first ? [{ at: first.begun, to }] : []
  })
}

/** Requests between two moves, begun after the one and ended before the other, that another colour answered. */
export function strays(samples: readonly Sample[], moves: readonly Move[]): number {
  return moves.reduce((sum, { to, end }, index) => {
    const next = moves[index + 1]?.start ?? Number.POSITIVE_INFINITY
    const between = samples.filter(({ begun, ended }) => begun > end && ended < next)
    return sum + between.filter(({ servedBy }) => servedBy !== to).length
  }, 0)
}

/** How many attempts began at most `windowMs` before or after a moment; `begins` must be ascending. */
export function begunAround(begins: readonly number[], at: number, windowMs: number): number {
  const first = countWhile(begins, (begun) => begun < at - windowMs)
  return countWhile(begins, (begun) => begun <= at + windowMs) - first
}

const byBegin = (samples: readonly Sample[]): Sample[] => samples.toSorted((a, b) => a.begun - b.begun)

/** How many leading values satisfy a test that holds up to some point and never after it (binary search). */
const countWhile = (values: readonly number[], holds: (value: number) => boolean): number => {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(values[middle] as number)) low = middle + 1
    else high = middle
  }
  return low
}
