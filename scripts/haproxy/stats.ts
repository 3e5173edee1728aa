import type { Ports } from '../ports.ts'
import type { Colour } from '../stack/colours.ts'

/** HAProxy's view of a colour: its server's check, and what is in flight in its backend. */
export type ColourStats = {
  /** `UP`, `DOWN`, `MAINT`, or a transition such as `UP 1/2`. */
  status: string
  /** Last check, e.g. `L7OK`, `L4CON`, `INI`. */
  check: string
  /** Requests and streams in flight, and requests waiting for a connection. */
  sessions: number
  queued: number
}

const ABSENT: ColourStats = { status: 'absent', check: '', sessions: 0, queued: 0 }

/** One line of `show stat` by column name; what a line does not have is empty. */
export type StatRow = (column: string) => string

/** The lines of `show stat` (CSV with a header that starts with `# `) that tell of a colour. */
export function colourRows(csv: string, colour: Colour): { backend: StatRow; server: StatRow } | undefined {
  const [head = '', ...lines] = csv.trim().split('\n')
  const names = head.replace(/^# /, '').split(',')
  const row = (name: string): StatRow | undefined => {
    const cells = lines.find((line) => line.startsWith(`${colour},${name},`))?.split(',')
    return cells && ((column) => cells[names.indexOf(column)] ?? '')
  }
  const [backend, server] = [row('BACKEND'), row('api')]
  return backend && server ? { backend, server } : undefined
}

/** Parses `show stat`. */
export function parseStats(csv: string): Record<Colour, ColourStats> {
  const of = (colour: Colour): ColourStats => {
    const rows = colourRows(csv, colour)
    if (!rows) return ABSENT
    const { backend, server } = rows
    return {
      status: server('status'),
      check: server('check_status').replace(/^\* /, ''),
      sessions: Number(backend('scur')),
      queued: Number(backend('qcur')),
    }
  }
  return { blue: of('blue'), green: of('green') }
}

export const readStats = async ({ edge }: Pick<Ports, 'edge'>): Promise<Record<Colour, ColourStats>> =>
  parseStats(await edge.ask('show stat'))

/** Fit to serve: exactly `UP` and `L7OK`; "status begins with UP" is true before any check was made. */
export const isServing = (stats: ColourStats): boolean => stats.status === 'UP' && stats.check === 'L7OK'
