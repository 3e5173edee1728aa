import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newId, openJournal, readJournal } from '../../../scripts/deploy/journal.ts'
import { type Running, runSteps, type Step, undoSteps } from '../../../scripts/deploy/steps.ts'
import { unfinished } from '../../../scripts/deploy/unfinished.ts'
import { realDisk } from '../../../scripts/files/disk.ts'
import type { Progress } from '../../../scripts/output/progress.ts'
import { systemClock } from '../../../scripts/stack/wait.ts'

const quiet: Progress = { note: () => {}, step: (_title, run) => run(() => {}) }

type Faults = { run?: string; undo?: string; journal?: string; interrupted?: AbortSignal }

function trace(faults: Faults = {}) {
  const calls: string[] = []
  const step = (id: string, urgent = false): Step => ({
    id,
    title: id,
    urgent,
    run: async () => {
      calls.push(id)
      if (id === faults.run) throw new Error(`${id} broke`)
      return { of: id }
    },
    undo: async () => {
      calls.push(`undo ${id}`)
      if (id === faults.undo) throw new Error('undo broke')
    },
  })
  const entries: string[] = []
  const running: Running = {
    journal: {
      id: 'x',
      write: async (entry) => {
        if (`${entry.event} ${entry.step}` === faults.journal) throw new Error('disk full')
        entries.push(`${entry.event} ${entry.step}`)
      },
    },
    progress: quiet,
    clock: systemClock,
    interrupted: faults.interrupted ?? AbortSignal.any([]),
    begun: new Set(),
    facts: new Map(),
  }
  const steps = [step('a'), step('b', true), step('c')]
  return {
    calls,
    entries,
    running,
    steps,
    run: () => runSteps(steps, running),
    undo: () => undoSteps(steps, running),
  }
}

describe('steps', () => {
  it('run in order, each announced before it acts, with what they found', async () => {
    const { calls, entries, running, run } = trace()
    await run()
    expect(calls).toEqual(['a', 'b', 'c'])
    expect(entries).toEqual(['step a', 'step-done a', 'step b', 'step-done b', 'step c', 'step-done c'])
    expect(running.facts.get('b')?.value).toEqual({ of: 'b' })
  })
  it('do not act when they cannot be announced', async () => {
    const { calls, run } = trace({ journal: 'step b' })
    await expect(run()).rejects.toThrow('disk full')
    expect(calls).toEqual(['a'])
  })
  it('are undone when begun, users first, then in reverse, the failed one too', async () => {
    const { calls, run, undo } = trace({ run: 'c' })
    await expect(run()).rejects.toThrow('c broke')
    expect(await undo()).toEqual([])
    expect(calls.slice(3)).toEqual(['undo b', 'undo c', 'undo a'])
  })
  it('are undone right after the users where they say so', async () => {
    const { calls, running, steps } = trace()
    const early: Step = {
      ...(steps[2] as Step),
      id: 'early',
      early: true,
      undo: async () => calls.push('early'),
    }
    await runSteps([steps[0] as Step, early, steps[1] as Step, steps[2] as Step], running)
    calls.length = 0
    await undoSteps([steps[0] as Step, early, steps[1] as Step, steps[2] as Step], running)
    expect(calls).toEqual(['undo b', 'early', 'undo c', 'undo a'])
  })
  it('that cannot be undone are named, and the rest is undone', async () => {
    const { calls, entries, run, undo } = trace({ run: 'c', undo: 'c' })
    await expect(run()).rejects.toThrow('c broke')
    expect((await undo()).map(({ id }) => id)).toEqual(['c'])
    expect(calls.slice(3)).toEqual(['undo b', 'undo c', 'undo a'])
    expect(entries).toContain('undo-failed c')
  })
  it('stay as they are where users could not be moved back', async () => {
    const { calls, run, undo } = trace({ run: 'c', undo: 'b' })
    await expect(run()).rejects.toThrow('c broke')
    expect((await undo()).map(({ id }) => id)).toEqual(['b', 'c', 'a'])
    expect(calls.slice(3)).toEqual(['undo b'])
  })
  it('are undone where the journal cannot be written any more', async () => {
    const { calls, run, undo } = trace({ run: 'c', journal: 'undo b' })
    await expect(run()).rejects.toThrow('c broke')
    await undo()
    expect(calls.slice(3)).toEqual(['undo b', 'undo c', 'undo a'])
  })
  it('end at an interruption after the one that it met', async () => {
    const { calls, run } = trace({ interrupted: AbortSignal.abort(new Error('interrupted')) })
    await expect(run()).rejects.toThrow('interrupted')
    expect(calls).toEqual(['a'])
  })
})

describe('the journal', () => {
  const within = async (use: (root: string) => Promise<void>) => {
    const root = mkdtempSync(join(tmpdir(), 'ecomweb-'))
    await use(root).finally(() => rmSync(root, { recursive: true }))
  }

  it('is read back line by line; a line that a crash cut off spoils nothing but itself', () =>
    within(async (root) => {
      const ports = { disk: realDisk(root), clock: systemClock }
      await openJournal(ports, 'deploy', 'one').write({ event: 'begin', image: 'x' })
      writeFileSync(join(root, '.ecomweb/journal.jsonl'), '{"event":"st', { flag: 'a' })
      await openJournal(ports, 'deploy', 'one').write({ event: 'end', result: 'failed' })
      expect(await readJournal(ports.disk)).toMatchObject([
        { command: 'deploy', event: 'begin', image: 'x' },
        { event: 'end', result: 'failed' },
      ])
    }))
  it('is empty where nothing was ever deployed', async () =>
    expect(await readJournal(realDisk('/nonexistent'))).toEqual([]))
  it('gives what begins in the same second another name', () => {
    const now = new Date('2026-11-22T06:05:03.500Z')
    const entry = { at: '', id: '20261122-060503', event: 'begin', command: 'switch' } as const
    expect(newId(now, [])).toBe('20261122-060503')
    expect(newId(now, [entry])).toBe('20261122-060503-2')
  })
})

describe('what a crash cut off', () => {
  const entry = (event: string, more: object = {}) =>
    ({ at: '', id: 'one', command: 'deploy', event, ...more }) as Parameters<typeof unfinished>[0][number]

  it('is the last command without an end, and the step that it had announced', () =>
    expect(unfinished([entry('begin'), entry('step', { step: 'start' })])).toMatchObject({
      id: 'one',
      step: 'start',
      undoing: false,
    }))
  it('is going back once a step had failed', () =>
    expect(unfinished([entry('begin'), entry('step-failed', { step: 'start' })])?.undoing).toBe(true))
  it('is nothing after an end', () => expect(unfinished([entry('begin'), entry('end')])).toBeUndefined())
})
