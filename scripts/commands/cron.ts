import { openStack, type StackContext } from '../context.ts'
import { containerOf } from '../docker/containers.ts'
import { imageCommand, NOT_DECLARED } from '../docker/image-command.ts'
import { EXIT, KitError } from '../errors.ts'
import { formatTable } from '../output/table.ts'
import type { CommandSpec } from './command.ts'

/** What the application answers; times are ISO 8601 in UTC. */
type Run = {
  job: string
  slot: string
  trigger: string
  status: string
  attempts: number
  ms: number | null
  failure: string | null
}
type Job = {
  job: string
  schedule: string
  time_zone: string
  catch_up: string
  paused_at: string | null
  next: string | null
  last: Run | null
}

/** How many jobs each verb takes, at least and at most. */
const VERBS: Record<string, [number, number]> = {
  list: [0, 0],
  run: [1, 1],
  pause: [1, 1],
  resume: [1, 1],
  history: [0, 1],
}

/** Longer than any job may take. */
const LONGEST_MS = 15 * 60_000

export const cronCommand: CommandSpec = {
  name: 'cron',
  summary: 'list the scheduled jobs, run one now, pause or resume one, show what ran',
  operands: 'list|run|pause|resume|history [JOB]',
  arity: [1, 2],
  flags: { limit: { type: 'string', value: 'N', help: 'with history: show the newest N (default 20)' } },
  examples: [
    './ecomweb cron list                        jobs, their next slot and how the last run ended',
    './ecomweb cron run daily-analytics         now, beside its schedule; exit code 1 if it fails',
    './ecomweb cron pause weekly-engagement     slots that fall into the pause are left out',
    './ecomweb cron resume weekly-engagement',
    './ecomweb cron history heartbeat --limit 5 --json',
  ],
  async run(context, { limit }, [verb = '', job]) {
    const [least, most] = VERBS[verb] ?? [2, 2]
    const given = job === undefined ? 0 : 1
    if (given < least || given > most || (limit !== undefined && verb !== 'history')) {
      const known = VERBS[verb] !== undefined
      throw new KitError(known ? `this is no way to use \`cron ${verb}\`` : `there is no "cron ${verb}"`, {
        next: './ecomweb cron --help',
        code: EXIT.usage,
      })
    }
    const stack = await openStack(context)
    const args = [verb, ...(job ? [job] : []), ...(limit === undefined ? [] : ['--limit', String(limit)])]
    const answer = await ask(stack, args)
    stack.emit(answer)
    stack.print(textOf(verb, answer))
    if (verb === 'run' && (answer as Run).status !== 'finished') process.exitCode = EXIT.failed
  },
}

/** Asks the application in the cron container. Errors: it does not run, refuses, or knows no such command. */
async function ask({ env, world }: StackContext, args: string[]): Promise<unknown> {
  const container = await containerOf(world.read, env.ECOMWEB_NAME, 'ecomweb_cron')
  if (!container?.running) {
    throw new KitError('the container of cron does not run', { next: './ecomweb status' })
  }
  const { code, stdout, stderr } = await world.runner.run(
    imageCommand(container.name, 'CRON_COMMAND', args),
    { check: false, timeoutMs: LONGEST_MS },
  )
  if (code === NOT_DECLARED) {
    throw new KitError('the release of cron cannot be asked about its jobs', {
      why: 'its image declares no CRON_COMMAND',
      next: 'deploy one whose Dockerfile says ENV CRON_COMMAND=…, then the same command',
    })
  }
  // A job that failed is an answer, too.
  if (stdout.trim() !== '') return JSON.parse(stdout) as unknown
  throw new KitError(`\`cron ${args[0]}\` was not carried out`, {
    why: stderr.trim().replace(/^cron: /, ''),
    next: code === EXIT.usage ? './ecomweb cron list' : './ecomweb status',
    ...(code === EXIT.usage && { code: EXIT.usage }),
  })
}

function textOf(verb: string, answer: unknown): string {
  if (verb === 'list') return listText(answer as Job[])
  if (verb === 'history') return historyText(answer as Run[])
  if (verb === 'run') return historyText([answer as Run])
  const { job, paused_at, next } = answer as Job
  return paused_at
    ? `${job} is paused`
    : `${job} is not paused; its next slot is ${next ? moment(next) : 'far away'}`
}

const moment = (iso: string): string => iso.replace('T', ' ').replace(/(\.000)?Z$/, 'Z')

function listText(jobs: Job[]): string {
  const rows = jobs.map(({ job, schedule, time_zone, catch_up, paused_at, next, last }) => [
    ...[job, schedule, time_zone, catch_up],
    paused_at ? 'paused' : next ? moment(next) : 'none soon',
    last ? `${last.status} ${moment(last.slot)}` : 'never ran',
  ])
  return formatTable(['JOB', 'SCHEDULE', 'ZONE', 'CATCH-UP', 'NEXT', 'LAST'], rows)
}

function historyText(runs: Run[]): string {
  if (runs.length === 0) return 'nothing has run yet'
  const rows = runs.map(({ job, slot, trigger, status, attempts, ms, failure }) => [
    ...[moment(slot), job, status + (attempts > 1 ? ` (attempt ${attempts})` : '')],
    ...[ms === null ? '' : `${ms} ms`, trigger === 'hand' ? 'by hand' : '', failure ?? ''],
  ])
  return formatTable(['SLOT', 'JOB', 'STATUS', 'TOOK', '', ''], rows)
}
