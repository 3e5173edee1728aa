import { z } from 'zod'
import type { StackContext } from '../context.ts'
import { composeRunOnce } from '../docker/compose.ts'
import { KitError } from '../errors.ts'
import { type Command, CommandFailed, type Result } from '../run.ts'
import type { KitSettings } from '../settings/kit-settings.ts'
import { apiService, type Colour, imageVariable } from '../stack/colours.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

const Failure = z.object({
  type: z.string(),
  workflow_id: z.string(),
  event: z.object({ id: z.number(), type: z.string() }).optional(),
  message: z.string().default(''),
})
type Failure = z.infer<typeof Failure>

/** What an image's REPLAY_COMMAND prints (the image contract). */
const Report = z.object({
  types: z.array(
    z.object({ type: z.string(), running: z.number(), replayed: z.number(), left_out: z.number() }),
  ),
  histories: z.number(),
  failures: z.array(Failure),
  warnings: z.array(Failure).default([]),
  ms: z.number(),
})
export type ReplayReport = z.infer<typeof Report>

/** A container's start, and the end of the command by itself after its limit, fit into this. */
const BEYOND_LIMIT_MS = 60_000
const SHOWN = 5

/**
 * The new image replays workflows that run now, before anything of it runs: what it could not go on with would be stuck
 * once its workers take over. None where the plan leaves it out, as that of a rollback does.
 */
export function replay(context: StackContext, plan: Plan): Step[] {
  if (plan.replay === undefined) return []
  const skipped = { by_flag: 'skipped by --skip-replay', undeclared: 'the image declares no REPLAY_COMMAND' }
  if (plan.replay !== 'gate') {
    const why = skipped[plan.replay]
    return [{ id: 'replay', title: `no replay of workflows: ${why}`, run: async () => ({ skipped: why }) }]
  }
  return [
    { id: 'replay', title: 'replay workflows', run: (detail) => replayWorkflows(context, plan, detail) },
  ]
}

/** An image that replays, in a container of a colour's service, and what it is told beyond the limits. */
type Replay = { colour: Colour; image: string; options?: string[]; detail: (text: string) => void }

/** Has an image replay workflows that run. */
export async function replayIn(
  { world, settings }: Pick<StackContext, 'world' | 'settings'>,
  { colour, image, options = [], detail }: Replay,
): Promise<{ command: Command; ended: Result; report: ReplayReport | undefined }> {
  const limits = replayOptions(settings.replay)
  const words = ['bash', '-c', 'exec $REPLAY_COMMAND "$@"', 'replay', ...limits, ...options]
  const command = composeRunOnce(apiService(colour), { [imageVariable(colour)]: image }, words)
  const ended = await world.runner.run(command, {
    // The report is for the kit; what is said beside it, for whoever watches.
    stream: (line) => line.startsWith('{') || detail(line),
    check: false,
    timeoutMs: settings.replay.limit + BEYOND_LIMIT_MS,
  })
  return { command, ended, report: parseReport(ended.stdout) }
}

async function replayWorkflows(
  context: StackContext,
  plan: Plan,
  detail: (text: string) => void,
): Promise<unknown> {
  const { progress } = context
  const { command, ended, report } = await replayIn(context, { colour: plan.to, image: plan.image, detail })
  const again = `./ecomweb deploy ${plan.reference} --skip-replay`
  if (ended.code === 1 && report && report.failures.length > 0) throw cannotGoOn(report, again)
  if (ended.code !== 0) throw notLookedAt(ended, again, new CommandFailed(command, ended))
  if (!report) return undefined
  for (const note of notesOf(report)) progress.note(note)
  const { types, histories, ms, warnings } = report
  detail(`${histories} histories of ${types.length} types`)
  return { types, histories, ms, warnings: warnings.length }
}

/** Limits as REPLAY_COMMAND takes them. */
export const replayOptions = ({
  per_type,
  closed_within,
  history_bytes,
  limit,
}: KitSettings['replay']): string[] =>
  Object.entries({
    'per-type': per_type,
    'closed-within-ms': closed_within,
    'history-bytes': history_bytes,
    'limit-ms': limit,
  }).flatMap(([name, value]) => [`--${name}`, String(value)])

/** The report in what was printed; undefined where there is none, as in a dry run. */
export function parseReport(stdout: string): ReplayReport | undefined {
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'))
  try {
    return Report.safeParse(JSON.parse(line ?? '')).data
  } catch {
    return undefined
  }
}

/** `processOrder order-1, event 5 (ActivityTaskScheduled): …`. */
export const inWords = ({ type, workflow_id, event, message }: Failure): string =>
  `${type} ${workflow_id}${event ? `, event ${event.id} (${event.type})` : ''}: ${message}`

function cannotGoOn({ failures, histories, types }: ReplayReport, again: string): KitError {
  const names = [...new Set(failures.map(({ type }) => type))].join(', ')
  const more = failures.length - SHOWN
  return new KitError(`the new version cannot go on with workflows that run now: ${names}`, {
    why: [
      ...failures.slice(0, SHOWN).map(inWords),
      ...(more > 0 ? [`and ${more} more`] : []),
      `${failures.length} of ${histories} replayed; what a workflow calls, and in which order, was changed`,
    ].join('\n'),
    next: [
      "keep the old calls for the workflows that run, and put the new ones behind patched('NAME'); then ./ecomweb deploy",
      `or wait until they have ended; or, if they may fail: ${again}`,
    ].join('\n'),
    facts: { types, histories, failures },
  })
}

/**
 * Not to be seen is no reason to go on: workers become healthy only with Temporal, so such a deploy would go back all
 * the same, but only after users had been moved.
 */
const notLookedAt = ({ stdout, stderr, code }: Result, again: string, cause: Error): KitError =>
  new KitError('it could not be seen whether the new version can go on with the workflows that run', {
    why: `${stdout}${stderr}`.trim().split('\n').slice(-5).join('\n') || `exit code ${code}`,
    next: `./ecomweb workers status; then deploy again, or without looking: ${again}`,
    cause,
  })

/** What does not stop a deploy, and should not go unsaid. */
function notesOf({ types, warnings }: ReplayReport): string[] {
  const unseen = types.filter(
    ({ running, replayed, left_out }) => running > 0 && replayed === 0 && left_out > 0,
  )
  return [
    ...unseen.map(
      ({ type, running }) =>
        `! replay: ${running} ${type} run and none was replayed: too large, or no time left (x-ecomweb: replay)`,
    ),
    ...warnings
      .slice(0, SHOWN)
      .map((warning) => `! replay: a completed workflow would not pass any more: ${inWords(warning)}`),
  ]
}
