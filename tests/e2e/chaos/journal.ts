import { existsSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Entry } from '../../../scripts/deploy/journal.ts'
import type { Stack } from '../harness/stack.ts'
import type { KnownStep, Point } from './cells.ts'

const fileOf = (stack: Stack): string => stack.file('.ecomweb/journal.jsonl')

export const journalSize = (stack: Stack): number =>
  existsSync(fileOf(stack)) ? statSync(fileOf(stack)).size : 0

/** The whole lines from a place on. */
export function entriesFrom(stack: Stack, offset: number): Entry[] {
  const text = existsSync(fileOf(stack)) ? readFileSync(fileOf(stack)).subarray(offset).toString('utf8') : ''
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as Entry] : []
    } catch {
      return []
    }
  })
}

/** The steps of a deploy that went well, with how long each took. */
export const stepsIn = (entries: readonly Entry[]): KnownStep[] =>
  entries.flatMap(({ event, step, ms }) =>
    event === 'step-done' && step !== undefined ? [{ id: step, ms: Number(ms ?? 0) }] : [],
  )

/** Waits for a point of a step; false when the process ended before. A process is asked for as long as it lives. */
export async function reach(
  stack: Stack,
  offset: number,
  { id, ms }: KnownStep,
  point: Point,
  lives: () => boolean,
): Promise<boolean> {
  const wanted = point === 'after' ? 'step-done' : 'step'
  for (;;) {
    if (entriesFrom(stack, offset).some(({ event, step }) => event === wanted && step === id)) break
    if (!lives()) return false
    await delay(2)
  }
  if (point === 'in') await delay(ms / 2)
  return true
}
