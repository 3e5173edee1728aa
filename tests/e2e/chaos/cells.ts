import { shuffled } from '../harness/draw.ts'

/** When in a step something happens: it is announced, it acts, it is done. */
export type Point = 'before' | 'in' | 'after'

/** What happens to the stack while the deploy goes on. */
export const FAULTS = [
  'kill the new colour',
  'reload HAProxy',
  'stop Redis for 10 s',
  'stop PostgreSQL for 10 s',
  'stop Temporal for 10 s',
  'fill the disk',
] as const
export type Fault = (typeof FAULTS)[number]

export type Recovery = 'resume' | 'abort'

/** One experiment: a deploy, one thing that goes wrong at one place, and how it is brought to an end. */
export type Cell = { step: string; point: Point; what: 'kill -9' | Fault; recovery: Recovery }

/** A step of a deploy that went well, from its journal. */
export type KnownStep = { id: string; ms: number }

export const cellName = ({ step, point, what, recovery }: Cell): string =>
  `${what} ${point} "${step}", then ${recovery}`

const POINTS: readonly Point[] = ['before', 'in', 'after']

/** Where the faults strike: when the new colour and workers start, when they have their first users, when they have all. */
const STRUCK = /^(start|workers|canary-\d+|cron)$/

/**
 * Every cell: a kill at each point of each step that the journal of a good deploy names, so that a new step is
 * covered as it appears, and each fault at the steps where it can hurt. Resume and abort take turns, by the seed.
 */
export function allCells(steps: readonly KnownStep[], seed: number): Cell[] {
  const kills = steps.flatMap(({ id }) =>
    POINTS.map((point) => ({ step: id, point, what: 'kill -9' as const })),
  )
  const struck = steps.filter(({ id }) => STRUCK.test(id))
  const faults = FAULTS.flatMap((what) => struck.map(({ id }) => ({ step: id, point: 'in' as const, what })))
  return [...kills, ...faults].map((cell, index) => ({
    ...cell,
    recovery: (index + seed) % 2 === 0 ? ('resume' as const) : ('abort' as const),
  }))
}

/** Of the faults, those that a run of every machine takes; the others need the time and room of `--chaos all`. */
const SOON: readonly string[] = [
  'reload HAProxy start',
  'reload HAProxy cron',
  'stop PostgreSQL for 10 s start',
  'stop Temporal for 10 s canary-50',
]

/** A few of them, chosen by the seed: most kills, and two faults. After the last step a deploy has all but ended. */
export function someCells(all: readonly Cell[], count: number, seed: number): Cell[] {
  const kills = all.filter(({ what, step }) => what === 'kill -9' && step !== 'drain')
  const faults = all.filter(({ what, step }) => SOON.includes(`${what} ${step}`))
  return [...shuffled(kills, seed).slice(0, count - 2), ...shuffled(faults, seed).slice(0, 2)]
}
