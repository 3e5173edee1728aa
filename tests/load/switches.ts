import type { Sample } from './recorder.ts'

/** A change of the colour that answers, dated by the first request that the new colour got. */
export type Switch = { at: number; from: string; to: string; begun: number }

/** So many answers in a row from another colour make a switch: single ones overtake each other around it. */
const IN_A_ROW = 3

/** Finds the switches in what clients saw, knowing nothing of the commands that were given. */
export function findSwitches(samples: readonly Sample[]): Omit<Switch, 'begun'>[] {
  const ordered = samples.toSorted((a, b) => a.begun - b.begun)
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
    if (run.length < IN_A_ROW || !run[0] || colour === undefined) continue
    switches.push({ at: run[0].begun, from: colour, to: sample.servedBy })
    colour = sample.servedBy
    run = []
  }
  return switches
}

/** How many attempts began at most `windowMs` before or after a moment; `begins` must be ascending. */
export function begunAround(begins: readonly number[], at: number, windowMs: number): number {
  const first = countWhile(begins, (begun) => begun < at - windowMs)
  return countWhile(begins, (begun) => begun <= at + windowMs) - first
}

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
