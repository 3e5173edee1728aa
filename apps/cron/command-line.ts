import { parseArgs } from 'node:util'

/** The command line cannot be carried out as it is; the message is for whoever typed it. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export type CronCommand =
  | { verb: 'list' }
  | { verb: 'run' | 'pause' | 'resume'; job: string }
  | { verb: 'history'; job: string | undefined; limit: number }

const USAGE = 'usage: command list | run JOB | pause JOB | resume JOB | history [JOB] [--limit N]'
const LIMIT = 20
const MOST = 1000

/** Errors: UsageError, also for a job that is none of `known`. */
export function parseCronCommand(args: string[], known: readonly string[]): CronCommand {
  const options = { limit: { type: 'string' } } as const
  const { values, positionals } = (() => {
    try {
      return parseArgs({ args, options, allowPositionals: true })
    } catch (error) {
      throw new UsageError((error as Error).message.split('. ')[0])
    }
  })()
  const [verb, job, ...more] = positionals
  if (more.length > 0) throw new UsageError(USAGE)
  if (job !== undefined && !known.includes(job))
    throw new UsageError(`there is no job "${job}"; there are ${known.join(', ')}`)
  if (verb === 'list' && job === undefined) return { verb }
  if ((verb === 'run' || verb === 'pause' || verb === 'resume') && job !== undefined) return { verb, job }
  if (verb === 'history') return { verb, job, limit: limitOf(values.limit) }
  throw new UsageError(USAGE)
}

function limitOf(given = String(LIMIT)): number {
  const limit = Number(given)
  if (/^\d+$/.test(given) && limit >= 1 && limit <= MOST) return limit
  throw new UsageError(`--limit should be a number from 1 to ${MOST}`)
}
