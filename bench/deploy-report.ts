import { KitError } from '../scripts/errors.ts'
import type { KitSettings } from '../scripts/settings/kit-settings.ts'

/** Milliseconds of each step that was done, by its title with colours and versions left open, and of the whole. */
export function stepDurations(lines: Record<string, unknown>[]): Record<string, number> {
  const last = lines.at(-1)
  if (last?.result !== 'deployed' || typeof last.ms !== 'number') {
    throw new KitError('the deploy did not report success', {
      why: JSON.stringify(last ?? 'no output'),
      next: './ecomweb status',
    })
  }
  const durations: Record<string, number> = {}
  for (const { step, status, ms } of lines) {
    if (typeof step === 'string' && status === 'done' && typeof ms === 'number') durations[generic(step)] = ms
  }
  return { ...durations, 'deploy, kit': last.ms }
}

/** New containers that start: a deploy takes that long whoever makes it. */
const STARTS = [
  'start the idle colour',
  'wait until the idle colour is ready',
  'start the new workers',
  'move cron',
  'move workers and cron',
]

/** What a deploy without canary and soak costs beyond the start of the containers and the configured waits, in ms. */
export function overhead(
  wall: number,
  steps: Record<string, number>,
  settings: Pick<KitSettings, 'drain_window'>,
): number {
  const starts = STARTS.reduce((sum, step) => sum + (steps[step] ?? 0), 0)
  // Without streams there is nothing to close, and nothing to wait for.
  const waited = Math.min(steps['drain streams of the old colour'] ?? 0, settings.drain_window)
  return wall - starts - waited
}

/** "start green" and "start blue" are the same step, and so it is with the versions of workers. */
const generic = (title: string): string =>
  title
    .replace(/^start workers of .+/, 'start the new workers')
    .replace(/^make .+ current$/, 'make their version current')
    .replace(/ (blue|green) to (blue|green)\b/, ' the colours')
    .replace(/ of (blue|green)$/, ' of the old colour')
    .replace(/ (blue|green)\b/, ' the idle colour')
