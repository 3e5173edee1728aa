import { KitError } from '../errors.ts'
import { colourRows } from '../haproxy/stats.ts'
import type { Clock, Edge } from '../ports.ts'
import type { Colour } from '../stack/colours.ts'
import type { Audience, Counters, Histogram, Sample } from './types.ts'

/** The stick table of haproxy.cfg that counts answers, and the columns of its rows: each a general purpose counter. */
const TABLE = 'answers'
const COLUMNS: Record<Colour, Record<Audience, { responses: number; serverErrors: number }>> = {
  blue: { users: { responses: 0, serverErrors: 1 }, probes: { responses: 2, serverErrors: 3 } },
  green: { users: { responses: 4, serverErrors: 5 }, probes: { responses: 6, serverErrors: 7 } },
}

/** Both in one line, so that they are of the same moment. */
const QUESTION = `show stat; show table ${TABLE}`

/** Asks HAProxy for all counters. Errors: no answer, or a configuration that does not count. */
export async function readSample({
  edge,
  clock,
}: {
  edge: Edge
  clock: Pick<Clock, 'now'>
}): Promise<Sample> {
  const answer = await edge.ask(QUESTION)
  return { at: clock.now(), ...parseCounters(answer) }
}

/** Parses the answer to `show stat` and `show table answers`. Errors: one of them, or a colour, is missing. */
export function parseCounters(answer: string): Omit<Sample, 'at'> {
  const at = answer.indexOf(`# table: ${TABLE},`)
  if (at < 0) throw unusable(`there is no table "${TABLE}"`)
  const [stat, table] = [answer.slice(0, at), answer.slice(at)]
  const rows = parseTable(table)
  const audiences = (colour: Colour) => ({
    users: count(rows, COLUMNS[colour].users),
    probes: count(rows, COLUMNS[colour].probes),
  })
  return {
    colours: { blue: audiences('blue'), green: audiences('green') },
    edgeErrors: { blue: edgeErrors(stat, 'blue'), green: edgeErrors(stat, 'green') },
  }
}

/** A row of the table: time to headers in ms, and its general purpose counters. */
type Row = { ms: number; counters: number[] }

/** Parses `show table`: `0x…: key=42 use=0 exp=0 shard=0 gpc0=7 gpc1=0 …`. */
function parseTable(text: string): Row[] {
  return [...text.matchAll(/^0x\w+: key=(\d+) (.*)$/gm)].map(([, ms, rest = '']) => ({
    ms: Number(ms),
    counters: [...rest.matchAll(/gpc\d+=(\d+)/g)].map(([, value]) => Number(value)),
  }))
}

function count(rows: Row[], columns: { responses: number; serverErrors: number }): Counters {
  const column = (at: number): Histogram => {
    const found = rows.map(({ ms, counters }) => [ms, counters[at] ?? 0] as const)
    return new Map(found.filter(([, answers]) => answers > 0).sort(([a], [b]) => a - b))
  }
  const latency = column(columns.responses)
  return { responses: sum(latency), serverErrors: sum(column(columns.serverErrors)), latency }
}

const sum = (histogram: Histogram): number =>
  [...histogram.values()].reduce((total, answers) => total + answers, 0)

/**
 * Requests that HAProxy could not get a whole answer for from a colour:
 *
 *   hrsp_5xx of the backend - hrsp_5xx of its server + srv_abrt of the backend
 *
 * The backend counts each status that a client was sent, the server only those it sent itself, so the difference is
 * what HAProxy made: no server, refused, broken before the headers, or too late. srv_abrt is the rest: broken in the
 * body, or before the headers on a connection used again, where HAProxy closes without a status. The sum is 1 for each
 * such request on 3.0 and 3.2. `econ` and `eresp` would be counted twice, being 5xx too, and 3.2 adds 2 to `eresp` for
 * one connection that broke. The server counts at the headers and the backend at the end, so an answer of 500 or above
 * under way makes this too small by one until it ends.
 */
function edgeErrors(stat: string, colour: Colour): number {
  const rows = colourRows(stat, colour)
  if (!rows) throw unusable(`there is no backend "${colour}"`)
  const { backend, server } = rows
  return Number(backend('hrsp_5xx')) - Number(server('hrsp_5xx')) + Number(backend('srv_abrt'))
}

const unusable = (why: string): KitError =>
  new KitError('HAProxy does not count the answers of the colours', {
    why,
    next: 'compare haproxy/haproxy.cfg with the version of the kit, then ./ecomweb up',
  })
