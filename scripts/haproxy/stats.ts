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

/** Parses `show stat` (CSV with a header that starts with `# `). */
export function parseStats(csv: string): Record<Colour, ColourStats> {
  const [head = '', ...rows] = csv.trim().split('\n')
  const names = head.replace(/^# /, '').split(',')
  const column = (row: string[], name: string) => row[names.indexOf(name)] ?? ''
  const cells = rows.map((row) => row.split(','))
  const of = (colour: Colour): ColourStats => {
    const backend = cells.find(
      (row) => column(row, 'pxname') === colour && column(row, 'svname') === 'BACKEND',
    )
    const server = cells.find((row) => column(row, 'pxname') === colour && column(row, 'svname') === 'api')
    if (!backend || !server) return ABSENT
    return {
      status: column(server, 'status'),
      check: column(server, 'check_status').replace(/^\* /, ''),
      sessions: Number(column(backend, 'scur')),
      queued: Number(column(backend, 'qcur')),
    }
  }
  return { blue: of('blue'), green: of('green') }
}

export const readStats = async ({ edge }: Pick<Ports, 'edge'>): Promise<Record<Colour, ColourStats>> =>
  parseStats(await edge.ask('show stat'))

/** Fit to serve: exactly `UP` and `L7OK`; "status begins with UP" is true before any check was made. */
export const isServing = (stats: ColourStats): boolean => stats.status === 'UP' && stats.check === 'L7OK'
