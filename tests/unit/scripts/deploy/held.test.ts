import { describe, expect, it } from 'vitest'
import { abortCommand, resumeCommand } from '../../../../scripts/commands/recover.ts'
import { rollbackCommand } from '../../../../scripts/commands/switch.ts'
import { readJournal } from '../../../../scripts/deploy/journal.ts'
import { unfinished } from '../../../../scripts/deploy/unfinished.ts'
import { releases } from '../../../../scripts/history/releases.ts'
import { other } from '../../../../scripts/stack/colours.ts'
import { audit, follow } from '../../../simulation/audit.ts'
import { promised } from '../../../simulation/disk.ts'
import { startedStack } from '../../../simulation/stack.ts'
import { pass, runWith } from './running.ts'

/** Its colours run different images. */
const SEED_OF_TWO_IMAGES = 10

/** A stack of two images with versions, after a rollback that found Temporal silent. */
async function rolledBack() {
  const { host, expected } = await startedStack(SEED_OF_TWO_IMAGES, false)
  host.random.chance = () => false
  const seen = new Set((await readJournal(promised(host.disk))).map(({ id }) => id))
  host.temporal.silent = true
  const exit = await runWith(host, { spec: rollbackCommand }, 'none', 0, () => {})
  const journal = await readJournal(promised(host.disk))
  return { host, expected, seen, exit, journal, to: other(expected.active) }
}

describe('a rollback while Temporal does not answer', () => {
  it('leaves users where it brought them, and says that it is to be gone on with', async () => {
    const { host, exit, journal, to } = await rolledBack()
    expect(exit).toBe('refused')
    expect(host.edge.routed()).toEqual([to])
    expect(unfinished(journal)).toMatchObject({ command: 'rollback', undoing: false, held: true })
    expect(journal.at(-1)).toMatchObject({
      event: 'step-held',
      step: 'retire',
      error: `users are on ${to} and stay there, but workers do not follow yet`,
    })
    const [last] = releases(journal)
    expect(last).toMatchObject({ result: 'unfinished', failure: { step: 'retire' } })
  })

  it.each([
    ['resume', resumeCommand, true],
    ['abort', abortCommand, false],
  ] as const)('%s ends it once Temporal answers', async (_name, spec, forward) => {
    const { host, expected, seen, to } = await rolledBack()
    const from = expected.active
    host.temporal.silent = false
    expect(await runWith(host, { spec }, 'none', 0, () => {})).toBe('done')
    expect(host.edge.routed()).toEqual([forward ? to : from])
    await pass(host, 20_000)
    expect(await follow(host, expected, seen)).toEqual([])
    expect([...host.watch.violations, ...(await audit(host, expected))]).toEqual([])
  })

  it('can be gone on with too early, and holds again', async () => {
    const { host, to } = await rolledBack()
    expect(await runWith(host, { spec: resumeCommand }, 'none', 0, () => {})).toBe('refused')
    expect(host.edge.routed()).toEqual([to])
  })
})
