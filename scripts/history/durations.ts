import { median } from '../output/table.ts'
import { type JournalLine, releases } from './releases.ts'

const DEPLOYS = 5

/** What each step usually takes: step to the median of its ms in the last five deploys that went well. */
export function durations(lines: readonly JournalLine[]): Record<string, number> {
  const last = releases(lines)
    .filter(({ command, result }) => command === 'deploy' && result === 'deployed')
    .slice(0, DEPLOYS)
  const steps = last.flatMap((release) => release.steps.filter(({ ms }) => ms !== undefined))
  const byStep = Map.groupBy(steps, ({ step }) => step)
  return Object.fromEntries([...byStep].map(([step, runs]) => [step, median(runs.map(({ ms }) => ms ?? 0))]))
}
