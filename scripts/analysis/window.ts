import { COLOURS, type Colour } from '../stack/colours.ts'
import type { Audience, Counters, Sample, Window } from './types.ts'

const AUDIENCES = ['users', 'probes'] as const satisfies Audience[]

/**
 * What happened between two looks; `reset` when a counter of answers fell, since then HAProxy began anew, or a counter
 * went round. Edge errors are a difference of counters that HAProxy does not move at once: a fall of theirs is none.
 */
export function between(a: Sample, b: Sample): Window | 'reset' {
  const window = combine(a, b, b.at - a.at, (before, after) => after - before)
  if (smallest(window) < 0) return 'reset'
  const { blue, green } = window.edgeErrors
  return { ...window, edgeErrors: { blue: Math.max(0, blue), green: Math.max(0, green) } }
}

/** Two windows as if they were one. */
export const join = (a: Window, b: Window): Window => combine(a, b, a.ms + b.ms, (x, y) => x + y)

/** Two audiences or colours as if they were one. */
export const addCounters = (a: Counters, b: Counters): Counters => merge(a, b, (x, y) => x + y)

/** Answers of a colour, whoever asked. */
export const answersOf = ({ colours }: Pick<Window, 'colours'>, colour: Colour): number =>
  colours[colour].users.responses + colours[colour].probes.responses

type Counted = Pick<Window, 'colours' | 'edgeErrors'>
type Operation = (x: number, y: number) => number

function combine(a: Counted, b: Counted, ms: number, by: Operation): Window {
  const each = <T>(of: (colour: Colour) => T): Record<Colour, T> => ({ blue: of('blue'), green: of('green') })
  return {
    ms,
    colours: each((colour) => ({
      users: merge(a.colours[colour].users, b.colours[colour].users, by),
      probes: merge(a.colours[colour].probes, b.colours[colour].probes, by),
    })),
    edgeErrors: each((colour) => by(a.edgeErrors[colour], b.edgeErrors[colour])),
  }
}

function merge(a: Counters, b: Counters, by: Operation): Counters {
  const latency = new Map<number, number>()
  const keep = (bound: number): void => {
    const count = by(a.latency.get(bound) ?? 0, b.latency.get(bound) ?? 0)
    if (count !== 0) latency.set(bound, count)
  }
  for (const bound of a.latency.keys()) keep(bound)
  for (const bound of b.latency.keys()) if (!a.latency.has(bound)) keep(bound)
  return {
    responses: by(a.responses, b.responses),
    serverErrors: by(a.serverErrors, b.serverErrors),
    latency,
  }
}

const smallest = ({ colours }: Counted): number => {
  let least = 0
  for (const colour of COLOURS) {
    for (const audience of AUDIENCES) {
      const { responses, serverErrors, latency } = colours[colour][audience]
      least = Math.min(least, responses, serverErrors, ...latency.values())
    }
  }
  return least
}
