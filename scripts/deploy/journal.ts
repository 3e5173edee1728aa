import { appendLine } from '../files/durable.ts'
import type { Ports } from '../ports.ts'
import { redactedJson } from '../settings/secrets.ts'

export const JOURNAL = '.ecomweb/journal.jsonl'

/** One line of the journal: what a command is about to do or has done. */
export type Entry = {
  at: string
  /** The deploy, switch or rollback that the line belongs to. */
  id: string
  event:
    | 'begin'
    | 'step'
    | 'step-done'
    | 'step-failed'
    | 'step-held'
    | 'undo'
    | 'undo-done'
    | 'undo-failed'
    | 'end'
  command: Command
  /** The id of a step. */
  step?: string
  result?: string
  [fact: string]: unknown
}

export type Command = 'up' | 'deploy' | 'switch' | 'rollback' | 'contract'

export type Journal = {
  id: string
  write(entry: Omit<Entry, 'at' | 'id' | 'command'>): Promise<void>
}

type Place = Pick<Ports, 'disk' | 'clock'>

/** Opens the journal for one command; each line is on disk before the step that it announces acts. */
export function openJournal({ disk, clock }: Place, command: Command, id: string): Journal {
  return {
    id,
    async write(entry) {
      await disk.makeFolder('.ecomweb')
      await appendLine(disk, JOURNAL, redactedJson({ at: clock.date().toISOString(), id, command, ...entry }))
    },
  }
}

/** A journal that writes nothing, for a dry run. */
export const silentJournal: Journal = { id: 'dry-run', write: async () => {} }

/** All whole lines; one that was cut off by a crash is left out. */
export async function readJournal(disk: Pick<Ports['disk'], 'read'>): Promise<Entry[]> {
  const text = (await disk.read(JOURNAL)) ?? ''
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as Entry] : []
    } catch {
      return []
    }
  })
}

/** A name for what begins now, such as `20261122-060503`; a second one within the same second gets a suffix. */
export function newId(now: Date, entries: readonly Entry[]): string {
  const second = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const taken = new Set(entries.map(({ id }) => id))
  let id = second
  for (let count = 2; taken.has(id); count += 1) id = `${second}-${count}`
  return id
}
