import type { Figures, Watched } from '../analysis/types.ts'
import { shortId } from '../docker/application-image.ts'
import { sayLeft } from '../migrations/left.ts'
import { seconds } from '../output/progress.ts'
import { formatTable } from '../output/table.ts'
import type { Release } from './releases.ts'

/** One line for each release, newest first; below a bad one, why. */
export function formatHistory(list: readonly Release[]): string {
  if (list.length === 0) return 'nothing was deployed yet; next: ./ecomweb deploy'
  const rows = list.map((release) => [
    release.id,
    release.command,
    release.result,
    imageOf(release),
    coloursOf(release),
    release.ms === undefined ? '' : seconds(release.ms),
    release.backMs === undefined ? '' : seconds(release.backMs),
    release.by ?? '',
  ])
  const [head, ...lines] = formatTable(
    ['id', 'command', 'result', 'image', 'colours', 'took', 'back in', 'by'],
    rows,
  )
    .split('\n')
    .map((line) => `  ${line}`)
  return [
    head,
    ...lines.flatMap((line, at) => {
      const reason = list[at]?.reason?.split('\n')[0]
      return reason ? [line, `    ${reason}`] : [line]
    }),
  ].join('\n')
}

/** One release in full: steps with durations, what was watched with its figures, the reason of its end. */
export function formatRelease(release: Release): string {
  const { steps, reference, startedAt, by, reason, undone, notUndone } = release
  const width = Math.max(0, ...steps.map(({ title }) => title.length))
  return [
    headline(release),
    `  image    ${imageOf(release) || 'unknown'}${reference ? ` (${reference})` : ''}`,
    ...(coloursOf(release) ? [`  colours  ${coloursOf(release)}`] : []),
    `  started  ${startedAt.slice(0, 19).replace('T', ' ')} UTC${by ? ` by ${by}` : ''}`,
    '',
    ...steps.flatMap(({ title, ms, ok, watched }) => [
      `  ${ok ? '✓' : '✗'} ${title.padEnd(width)}  ${ms === undefined ? 'cut off' : seconds(ms)}`,
      ...(watched ? formatWatched(watched).map((line) => `      ${line}`) : []),
    ]),
    ...(undone.length > 0 ? [`  undone: ${undone.join(', ')}`] : []),
    ...(notUndone.length > 0 ? [`  could not be undone: ${notUndone.join(', ')}`] : []),
    ...sayLeft(release.migrations).map((line) => `  migrations: ${line}`),
    ...(reason ? [`  reason: ${reason}`] : []),
  ].join('\n')
}

/** What a watch saw: the verdict, then for each audience new against old. */
export const formatWatched = ({ verdict, reason, ms, looks, figures }: Watched): string[] => [
  `${verdict}: ${reason} (${looks} looks in ${seconds(ms)})`,
  ...figures.map(formatFigures),
]

const formatFigures = (figures: Figures): string => {
  const { audience, responses, errorRatio, errorP, p50, p95, latencyP, edgeErrors } = figures
  return [
    `${audience}, new/old: ${responses.new}/${responses.old} answers`,
    `errors ${percent(errorRatio.new)}/${percent(errorRatio.old)} (p ${chance(errorP)})`,
    `median ${ms(p50.new)}/${ms(p50.old)} ms, p95 ${ms(p95.new)}/${ms(p95.old)} ms (p ${chance(latencyP)})`,
    `broken connections ${edgeErrors.new}/${edgeErrors.old}`,
  ].join(', ')
}

/** `deploy 20261122-101500: rolled-back after 1 min 3 s, back in 2.1 s`. */
export const headline = ({ command, id, result, ms, backMs }: Release): string =>
  [
    `${command} ${id}: ${result}${ms === undefined ? '' : ` after ${seconds(ms)}`}`,
    ...(backMs === undefined ? [] : [`back in ${seconds(backMs)}`]),
  ].join(', ')

const imageOf = ({ image }: Release): string => (image ? shortId(image) : '')
const coloursOf = ({ from, to }: Release): string => (from && to ? `${from} → ${to}` : (to ?? ''))
const percent = (ratio: number): string => `${(ratio * 100).toFixed(2)} %`
const ms = (value: number): string => (Number.isFinite(value) ? value.toFixed(value < 10 ? 1 : 0) : '–')
const chance = (p: number): string => (p < 0.001 ? p.toExponential(0) : p.toFixed(3))
