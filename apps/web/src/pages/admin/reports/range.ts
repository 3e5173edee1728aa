import type { Range } from '../../../api/reports.ts'

const DAY_MS = 86_400_000
/** As many as the reports service takes. */
export const MOST_DAYS = 731

export const presets = [
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['month', 'This month'],
] as const
export type Preset = (typeof presets)[number][0]
const DEFAULT: Preset = '30'

const isDay = (text: string | null): text is string =>
  text !== null &&
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  plusDays(text, 0) === text

export const today = (now: Date): string => now.toISOString().slice(0, 10)

export const plusDays = (day: string, days: number): string =>
  today(new Date(Date.parse(day) + days * DAY_MS))

/** How many days a range has, both ends included. */
export const lengthOf = ({ from, to }: Range): number => (Date.parse(to) - Date.parse(from)) / DAY_MS + 1

/** What is wrong with two typed days, if anything. */
export function rangeError(from: string, to: string): string | undefined {
  if (!isDay(from) || !isDay(to)) return 'Both days are needed.'
  if (from > to) return 'The first day comes after the last.'
  return lengthOf({ from, to }) > MOST_DAYS ? `At most ${MOST_DAYS} days at once.` : undefined
}

export function presetRange(preset: Preset, now: Date): Range {
  const to = today(now)
  if (preset === 'month') return { from: `${to.slice(0, 8)}01`, to }
  return { from: plusDays(to, 1 - Number(preset)), to }
}

export type Chosen = { range: Range; preset: Preset | 'custom' }

/** The range that an address names: `from` and `to`, or `range`, a preset; the last 30 days if neither makes sense. */
export function chosenRange(params: URLSearchParams, now: Date): Chosen {
  const [from, to] = [params.get('from') ?? '', params.get('to') ?? '']
  if (!rangeError(from, to)) return { range: { from, to }, preset: 'custom' }
  const preset = presets.find(([name]) => name === params.get('range'))?.[0] ?? DEFAULT
  return { range: presetRange(preset, now), preset }
}

/** The same address with another range; a list in it starts at its first page. */
export function withRange(params: URLSearchParams, choice: Preset | Range): URLSearchParams {
  const next = new URLSearchParams(params)
  for (const name of ['from', 'to', 'range', 'page']) next.delete(name)
  if (typeof choice === 'object') {
    next.set('from', choice.from)
    next.set('to', choice.to)
  } else if (choice !== DEFAULT) next.set('range', choice)
  return next
}

/** As many days just before. */
export function rangeBefore(range: Range): Range {
  return { from: plusDays(range.from, -lengthOf(range)), to: plusDays(range.from, -1) }
}
