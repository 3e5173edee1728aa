/** How far local time is ahead of UTC. */

const QUARTER_MS = 900_000
const KEPT = 5000

export type Zone = {
  name: string
  /** Milliseconds that local time is ahead of UTC at an instant (Unix time in ms). */
  offsetAt(instant: number): number
}

/** An IANA time zone such as Europe/Berlin. Errors: RangeError when nothing is known of it. */
export function zoneOf(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  // Since 1972 no zone has changed its offset but at a quarter of an hour.
  const known = new Map<number, number>()
  return {
    name,
    offsetAt(instant) {
      if (name === 'UTC') return 0
      const quarter = Math.floor(instant / QUARTER_MS) * QUARTER_MS
      const before = known.get(quarter)
      if (before !== undefined) return before
      const parts = new Map(format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]))
      const at = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
      const wall = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'))
      if (known.size >= KEPT) known.clear()
      known.set(quarter, wall - quarter)
      return wall - quarter
    },
  }
}
