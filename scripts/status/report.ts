import { shortId } from '../docker/application-image.ts'
import { seconds } from '../output/progress.ts'
import { COLOURS, type Colour } from '../stack/colours.ts'

/** A named check; `detail` says what was seen, also when it is well. */
export type Check = { name: string; ok: boolean; detail: string }

export type ColourReport = {
  image: string
  age_s: number
  ready: boolean
  workers: string
  haproxy: string
  in_flight: number
}

export type Report = {
  ok: boolean
  active: Colour | null
  checks: Check[]
  colours: Record<Colour, ColourReport>
  background: { image: string; cron: string; workers: string; task_queue: string }
  cron_slots: { job: string; slot: string; status: string }[]
  /** Differences between what files say and what runs, each with the command that repairs it. */
  drift: { kind: 'route' | 'image' | 'scale' | 'version'; what: string; repair: string }[]
}

/** One screen for people. */
export function formatReport(report: Report): string {
  const mark = (ok: boolean) => (ok ? '✓' : '✗')
  const colours = COLOURS.map((colour) => {
    const { image, age_s, ready, workers, haproxy, in_flight } = report.colours[colour]
    const serves = report.active === colour ? 'serves' : 'warm'
    const state = ready ? serves : 'NOT READY'
    return `  ${colour.padEnd(6)} ${state.padEnd(10)} ${shortId(image).padEnd(20)} up ${age(age_s).padEnd(12)} workers ${workers.padEnd(6)} HAProxy ${haproxy}, ${in_flight} in flight`
  })
  const { background, cron_slots, drift } = report
  return [
    ...colours,
    `  cron   ${background.cron.padEnd(10)} ${shortId(background.image)}`,
    `  worker ${background.workers.padEnd(10)} task queue: ${background.task_queue}`,
    `  slots  ${cron_slots.map(({ job, slot, status }) => `${job} ${slot.slice(11, 16)} ${status}`).join(', ') || 'none yet'}`,
    '',
    ...report.checks.map(({ name, ok, detail }) => `  ${mark(ok)} ${name.padEnd(46)} ${detail}`),
    ...(drift.length > 0
      ? ['', ...drift.map(({ what, repair }) => `  ! drift: ${what}\n    repair: ${repair}`)]
      : []),
  ].join('\n')
}

const age = (s: number): string =>
  s >= 86_400 ? `${Math.floor(s / 86_400)} d` : s >= 3600 ? `${Math.floor(s / 3600)} h` : seconds(s * 1000)
