import { KitError } from '../scripts/errors.ts'

/** Milliseconds of each step that was done, by its title with the colours left open, and of the whole. */
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

/** "start green" and "start blue" are the same step. */
const generic = (title: string): string =>
  title
    .replace(/ (blue|green) to (blue|green)\b/, ' the colours')
    .replace(/ of (blue|green)$/, ' of the old colour')
    .replace(/ (blue|green)\b/, ' the idle colour')
