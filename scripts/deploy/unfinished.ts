import type { Entry } from './journal.ts'

/** A command that began and never said how it ended. */
export type Unfinished = {
  id: string
  command: Entry['command']
  /** The line that began it, with its plan. */
  begin: Entry
  /** All its lines. */
  entries: Entry[]
  /** The step that was announced last. */
  step?: string
  /** It had given up and was going back. */
  undoing: boolean
  /** What users needed is done, and the rest waits for something outside. */
  held: boolean
}

/** The command that a crash cut off, if the last one was. */
export function unfinished(entries: readonly Entry[]): Unfinished | undefined {
  const at = entries.findLastIndex(({ event }) => event === 'begin')
  const begin = entries[at]
  if (!begin) return undefined
  const own = entries.slice(at).filter(({ id }) => id === begin.id)
  if (own.some(({ event }) => event === 'end')) return undefined
  const step = own.findLast(({ event }) => event === 'step')?.step
  return {
    id: begin.id,
    command: begin.command,
    begin,
    entries: own,
    ...(step === undefined ? {} : { step }),
    undoing: own.some(({ event }) => event === 'step-failed' || event.startsWith('undo')),
    held: own.at(-1)?.event === 'step-held',
  }
}

export const inWords = ({ command, id, step, held }: Unfinished): string =>
  `${command} ${id} ${held ? 'waits' : 'was cut off'}${step ? ` at step "${step}"` : ''}`
