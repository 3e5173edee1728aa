import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { appendLine } from '../files/durable.ts'

/** One line of `.ecomweb/journal.jsonl`: what a command is about to do or has done. */
export type Entry = {
  at: string
  /** The deploy, switch or rollback that the line belongs to. */
  id: string
  event: 'begin' | 'step' | 'step-done' | 'step-failed' | 'undo' | 'undo-failed' | 'end'
  command: 'deploy' | 'switch' | 'rollback'
  step?: string
  result?: string
  [fact: string]: unknown
}

export type Journal = { id: string; write(entry: Omit<Entry, 'at' | 'id' | 'command'>): void }

const journalFile = (root: string): string => join(root, '.ecomweb/journal.jsonl')

/** Opens the journal for one command; each line is on disk before the step it announces acts. */
export function openJournal(root: string, command: Entry['command'], now = new Date()): Journal {
  mkdirSync(join(root, '.ecomweb'), { recursive: true, mode: 0o700 })
  const id = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return {
    id,
    write: (entry) =>
      appendLine(journalFile(root), JSON.stringify({ at: new Date().toISOString(), id, command, ...entry })),
  }
}

/** A journal that writes nothing, for a dry run. */
export const silentJournal: Journal = { id: 'dry-run', write: () => {} }

/** All whole lines; a last line cut off by a crash is left out. */
export function readJournal(root: string): Entry[] {
  let text: string
  try {
    text = readFileSync(journalFile(root), 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as Entry] : []
    } catch {
      return []
    }
  })
}
