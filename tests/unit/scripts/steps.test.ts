import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openJournal, readJournal } from '../../../scripts/deploy/journal.ts'
import { runSteps, type Step } from '../../../scripts/deploy/steps.ts'
import type { Progress } from '../../../scripts/output/progress.ts'

const quiet: Progress = { note: () => {}, step: (_title, run) => run(() => {}) }

function trace(failing?: string, failingUndo?: string, interrupted = AbortSignal.any([])) {
  const calls: string[] = []
  const step = (title: string): Step => ({
    title,
    run: async () => {
      calls.push(title)
      if (title === failing) throw new Error(`${title} broke`)
    },
    undo: async () => {
      calls.push(`undo ${title}`)
      if (title === failingUndo) throw new Error('undo broke')
    },
  })
  const entries: string[] = []
  const journal = {
    id: 'x',
    write: (entry: { event: string; step?: string }) => void entries.push(`${entry.event} ${entry.step}`),
  }
  return {
    calls,
    entries,
    run: () => runSteps([step('a'), step('b'), step('c')], journal, quiet, interrupted),
  }
}

describe('steps', () => {
  it('run in order, each announced before it acts', async () => {
    const { calls, entries, run } = trace()
    await run()
    expect(calls).toEqual(['a', 'b', 'c'])
    expect(entries).toEqual(['step a', 'step-done a', 'step b', 'step-done b', 'step c', 'step-done c'])
  })
  it('are undone in reverse when one fails, the failed one too', async () => {
    const { calls, run } = trace('b')
    await expect(run()).rejects.toThrow('b broke')
    expect(calls).toEqual(['a', 'b', 'undo b', 'undo a'])
  })
  it('keep the first error when an undo fails, and undo the rest', async () => {
    const { calls, entries, run } = trace('b', 'b')
    await expect(run()).rejects.toThrow('b broke')
    expect(calls).toEqual(['a', 'b', 'undo b', 'undo a'])
    expect(entries).toContain('undo-failed b')
  })
})

it('an interruption ends the plan after its step and undoes what was begun', async () => {
  const { calls, run } = trace(undefined, undefined, AbortSignal.abort(new Error('interrupted')))
  await expect(run()).rejects.toThrow('interrupted')
  expect(calls).toEqual(['a', 'undo a'])
})

describe('the journal', () => {
  it('is read back line by line, without a line that a crash cut off', () => {
    const root = mkdtempSync(join(tmpdir(), 'ecomweb-'))
    openJournal(root, 'deploy').write({ event: 'begin', image: 'x' })
    writeFileSync(join(root, '.ecomweb/journal.jsonl'), '{"event":"st', { flag: 'a' })
    expect(readJournal(root)).toMatchObject([{ command: 'deploy', event: 'begin', image: 'x' }])
    rmSync(root, { recursive: true })
  })
  it('is empty where nothing was ever deployed', () => expect(readJournal('/nonexistent')).toEqual([]))
})
