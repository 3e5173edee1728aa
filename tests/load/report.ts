import type { EventAudit, OrderAudit } from './audit.ts'
import { type Failure, LOAD_CLASSES, type LoadClass, type Recorder } from './recorder.ts'
import { begunAround, dateMoves, findSwitches, type Switch, strays } from './switches.ts'

export type ClassReport = {
  class: LoadClass
  requests: number
  failed: number
  p50: number
  p99: number
  max: number
  servedBy: Record<string, number>
  failedBy: Record<string, number>
}

/** The result of a run: everything needed to believe it, and to find what went wrong. */
export type Report = {
  url: string
  seconds: number
  requests: number
  failed: number
  classes: ClassReport[]
  failures: Failure[]
  /** Failures by the colour that answered; `nobody` where no colour did. */
  failedBy: Record<string, number>
  /** Each switch, with the attempts begun within 100 ms of it. */
  switches: Switch[]
  /** Requests that the old colour answered although they began after the command to switch had returned. */
  strays: number
  orders: OrderAudit
  events: EventAudit
}

/** What a run must contain before its zeros mean anything. */
export type Minimum = {
  requests: number
  /** Attempts of every class that took part. */
  perClass: number
  /** Switches with at least `aroundSwitch` attempts begun within 100 ms of them. */
  switches: number
  aroundSwitch: number
}

export const AROUND_SWITCH_MS = 100

/** Sums up what a recorder counted; the audits are made after the load has stopped. */
export function summarise(
  recorder: Recorder,
  run: { url: string; seconds: number; orders: OrderAudit; events: EventAudit },
): Report {
  const classes = LOAD_CLASSES.flatMap((name): ClassReport[] => {
    const { begun, failed, latency, servedBy } = recorder.tally(name)
    if (begun === 0) return []
    const [p50, p99] = [latency.quantile(0.5), latency.quantile(0.99)]
    const failedBy = countByColour(recorder.failures.filter((failure) => failure.class === name))
    return [{ class: name, requests: begun, failed, p50, p99, max: latency.max, servedBy, failedBy }]
  })
  const { samples, moves } = recorder
  const dated = moves.length > 0 ? dateMoves(samples, moves) : findSwitches(samples)
  return {
    ...run,
    requests: classes.reduce((sum, { requests }) => sum + requests, 0),
    failed: classes.reduce((sum, { failed }) => sum + failed, 0),
    classes,
    failures: recorder.failures,
    failedBy: countByColour(recorder.failures),
    switches: dated.map((found) => ({
      ...found,
      begun: begunAround(recorder.begins, found.at, AROUND_SWITCH_MS),
    })),
    strays: strays(samples, moves),
  }
}

function countByColour(failures: readonly Failure[]): Record<string, number> {
  const groups = Map.groupBy(failures, ({ servedBy }) => servedBy ?? 'nobody')
  return Object.fromEntries([...groups].map(([colour, same]) => [colour, same.length]))
}

/** What a run lost, one line each; empty when nothing was. */
export function losses({ failures, orders, events, strays: astray }: Report): string[] {
  const counts = Map.groupBy(failures, (failure) => `${failure.class} ${failure.phase}: ${failure.reason}`)
  return [
    ...[...counts].map(([what, same]) => `${same.length} x failed ${what}`),
    ...orders.lost.map((id) => `order ${id} was acknowledged and is lost`),
    ...orders.doubled.map((id) => `order ${id} was stored or executed twice`),
    ...orders.unfinished.map((id) => `order ${id} was never executed`),
    ...orders.unacknowledged.map(
      (id) => `order ${id} is stored although its customer was told that it failed`,
    ),
    ...events.missing,
    ...(astray > 0 ? [`${astray} requests begun after a switch were answered by the old colour`] : []),
    ...events.repeated.map((what) => `the event log holds ${what} twice`),
  ]
}

/** Throws unless the run was large enough and dense enough around its switches to prove something. */
export function assertEnough(report: Report, minimum: Minimum): void {
  const short: string[] = []
  const atLeast = (what: string, got: number, wanted: number): void => {
    if (got < wanted) short.push(`${what}: ${got} instead of at least ${wanted}`)
  }
  atLeast('requests', report.requests, minimum.requests)
  for (const { class: name, requests } of report.classes) atLeast(name, requests, minimum.perClass)
  const dense = report.switches.filter(({ begun }) => begun >= minimum.aroundSwitch).length
  atLeast(`switches with ${minimum.aroundSwitch} requests around them`, dense, minimum.switches)
  if (short.length > 0) throw new Error(`the run is too small to prove anything:\n  ${short.join('\n  ')}`)
}

const perColour = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([colour, count]) => `${colour} ${count}`)
    .join(', ')

/** The report as a table for people, with every kind of loss below it. */
export function formatReport(report: Report): string {
  const rows = [
    ['class', 'requests', 'failed', 'p50 ms', 'p99 ms', 'max ms', 'served by'],
    ...report.classes.map(({ class: name, requests, failed, p50, p99, max, servedBy, failedBy }) => [
      name,
      ...[requests, failed].map(String),
      ...[p50, p99, max].map((ms) => ms.toFixed(1)),
      perColour(servedBy) + (failed > 0 ? ` (failed: ${perColour(failedBy)})` : ''),
    ]),
    ['all', String(report.requests), String(report.failed)],
  ]
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === row.length - 1
          ? cell.padEnd(column === 0 ? (widths[0] ?? 0) : 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
  const { orders, events, switches } = report
  const fewest = Math.min(...switches.map(({ begun }) => begun))
  const lost = losses(report)
  return [
    ...lines,
    '',
    `${report.seconds.toFixed(0)} s against ${report.url}`,
    `orders: ${orders.acknowledged} acknowledged, ${orders.lost.length} lost, ${orders.doubled.length} doubled, ${orders.unfinished.length} not executed`,
    `events: ${events.received} received by ${events.subscribers} subscribers, ${events.missing.length} missing`,
    `switches: ${switches.length}${switches.length > 0 ? `, at least ${fewest} requests begun within ${AROUND_SWITCH_MS} ms of each` : ''}`,
    lost.length === 0 ? 'nothing was lost' : `LOST:\n  ${lost.slice(0, 40).join('\n  ')}`,
  ].join('\n')
}
