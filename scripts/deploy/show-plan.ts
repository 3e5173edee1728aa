import type { StackContext } from '../context.ts'
import { shortId } from '../docker/application-image.ts'
import type { Finding } from '../migrations/lint/types.ts'
import { formatFindings, summarise } from '../migrations/report.ts'
import { seconds } from '../output/progress.ts'
import { imageVariable } from '../stack/colours.ts'
import { inWords } from '../workers/build-id.ts'
import { stepsOf } from './pipeline.ts'
import type { Plan } from './plan.ts'

/** What a deploy is about to do, for people: images, migrations with their verdicts, and the steps. */
export function formatPlan(
  context: StackContext,
  plan: Plan,
  findings: readonly Finding[],
  durations: Record<string, number> = {},
): string {
  const live = context.env[imageVariable(plan.from)]
  const steps = stepsOf(context, plan)
  const known = steps.reduce((sum, { id }) => sum + (durations[id] ?? 0), 0)
  return [
    `  release     ${plan.id}`,
    `  ${plan.from.padEnd(11)} serves ${shortId(live)}`,
    `  ${plan.to.padEnd(11)} gets ${shortId(plan.image)} (${plan.reference}), then all traffic`,
    `  migrations  ${plan.migrations.join(', ') || 'none to apply'}${plan.migrations.length > 0 ? ` (${summarise(findings)})` : ''}`,
    ...(findings.length > 0 ? [formatFindings(findings)] : []),
    `  workers     ${workersOf(plan)}`,
    `  steps       ${steps.map(({ title, id }) => `${title}${durations[id] ? ` (~${seconds(durations[id])})` : ''}`).join('\n              ')}`,
    ...(known > 0 ? [`  expected    about ${seconds(known)}, as in the last deploys`] : []),
  ].join('\n')
}

function workersOf({ workers }: Plan): string {
  if (workers.mode === 'simple') return `end, then start anew: ${workers.reason}`
  const { from, to, gate } = workers
  if (from === to) return `${inWords(to)}, as before`
  return `${inWords(to)} beside ${inWords(from)}${gate ? `, once it has passed ${gate}` : ''}`
}
