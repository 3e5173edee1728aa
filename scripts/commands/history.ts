import type { Context } from '../context.ts'
import { readJournal } from '../deploy/journal.ts'
import { EXIT, KitError } from '../errors.ts'
import { formatHistory, formatRelease } from '../history/format.ts'
import { type Release, releases } from '../history/releases.ts'
import type { CommandSpec, Values } from './command.ts'

const LIMIT = 20

export const historyCommand: CommandSpec = {
  name: 'history',
  summary: 'list what was deployed, switched and rolled back, or show one in full',
  operands: '[show ID]',
  arity: [0, 2],
  flags: { limit: { type: 'string', value: 'N', help: `list the newest N (default ${LIMIT})` } },
  examples: [
    './ecomweb history',
    './ecomweb history --limit 5 --json',
    './ecomweb history show 20261122-101500   steps, durations, figures of the canary',
  ],
  async run(context, values, [verb, id]) {
    const all = releases(await readJournal(context.world.disk))
    if (verb === undefined) return list(context, all.slice(0, limitOf(values)))
    if (verb !== 'show' || id === undefined) {
      throw new KitError('`history` takes no operands, or `show ID`', {
        next: './ecomweb history --help',
        code: EXIT.usage,
      })
    }
    const release = findRelease(all, id)
    context.print(formatRelease(release))
    context.emit(release)
  },
}

function list({ print, emit }: Context, shown: Release[]): void {
  print(formatHistory(shown))
  emit(shown)
}

function limitOf({ limit = String(LIMIT) }: Values): number {
  if (/^[1-9]\d*$/.test(String(limit))) return Number(limit)
  throw new KitError(`--limit ${limit} is no number of releases`, {
    next: './ecomweb history --limit 5',
    code: EXIT.usage,
  })
}

/** By its id or by a beginning that only one id has. Errors: none, or several. */
export function findRelease(all: readonly Release[], id: string): Release {
  const [found, ...others] = all.filter((release) => release.id.startsWith(id))
  if (found && others.length === 0) return found
  throw new KitError(found ? `several ids begin with ${id}` : `the journal knows nothing of ${id}`, {
    next: './ecomweb history',
    code: EXIT.usage,
  })
}
