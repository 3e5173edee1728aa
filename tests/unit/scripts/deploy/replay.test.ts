import { describe, expect, it } from 'vitest'
import { deployCommand } from '../../../../scripts/commands/deploy.ts'
import { readJournal } from '../../../../scripts/deploy/journal.ts'
import { planDeploy } from '../../../../scripts/deploy/prepare.ts'
import { parseReport, replay, replayOptions } from '../../../../scripts/deploy/replay.ts'
import { formatPlan } from '../../../../scripts/deploy/show-plan.ts'
import { findImage } from '../../../../scripts/docker/application-image.ts'
import type { KitError } from '../../../../scripts/errors.ts'
import type { Result } from '../../../../scripts/run.ts'
import { parseKitSettings } from '../../../../scripts/settings/kit-settings.ts'
import { runCommand } from '../../../simulation/command.ts'
import { steadyStack } from '../../../simulation/context.ts'
import { promised } from '../../../simulation/disk.ts'
import type { SimulatedImage } from '../../../simulation/images.ts'
import { NO_FAULTS } from '../../../simulation/process.ts'
import { addImage, startedStack } from '../../../simulation/stack.ts'

const failure = {
  ...{ type: 'processOrder', workflow_id: 'order-1', message: 'it differs' },
  event: { id: 5, type: 'ActivityTaskScheduled' },
}
const report = {
  types: [{ type: 'processOrder', running: 7, replayed: 4, left_out: 0 }],
  ...{ histories: 4, failures: [], warnings: [], ms: 12 },
}

/** The step, where the image's command ends so; what it resolved with, or its error, and what was noted. */
async function step(result: Partial<Result>) {
  const { during, context } = await steadyStack()
  const image = await during(findImage(context.world.read, 'shop:1'))
  const { plan } = await during(planDeploy(context, image, { canary: [], soak: 0 }))
  const notes: string[] = []
  const lines: string[] = []
  let asked: string[] = []
  const stack = {
    ...context,
    progress: { ...context.progress, note: (text: string) => void notes.push(text) },
    world: {
      ...context.world,
      runner: {
        dry: false,
        run: async ({ args }: { args: string[] }, options: { stream?: unknown } = {}) => {
          asked = args
          const said = { code: 0, stdout: '', stderr: '', ...result }
          const stream = options.stream as (line: string) => void
          for (const line of `${said.stdout}${said.stderr}`.split('\n').filter(Boolean)) stream(line)
          return said
        },
      },
    },
  }
  const [made] = replay(stack, { ...plan, replay: 'gate' })
  const ended = await made?.run((line) => void lines.push(line)).catch((error: KitError) => error)
  return { ended, notes, lines, asked }
}

describe('the step that replays', () => {
  it('asks the new image within the limits, and keeps what was found for the journal', async () => {
    const { ended, notes, asked, lines } = await step({ stdout: `${JSON.stringify(report)}\n` })
    expect(ended).toEqual({ types: report.types, histories: 4, ms: 12, warnings: 0 })
    expect(asked.slice(-12)).toEqual([
      ...['bash', '-c', 'exec $REPLAY_COMMAND "$@"', 'replay'],
      ...replayOptions(parseKitSettings('').replay),
    ])
    expect([notes, lines]).toEqual([[], ['4 histories of 1 types']])
  })

  it('stops for workflows that the image could not go on with, by name, event and way out', async () => {
    const failures = Array.from({ length: 7 }, (_, at) => ({ ...failure, workflow_id: `order-${at}` }))
    const { ended } = await step({ code: 1, stdout: JSON.stringify({ ...report, failures }) })
    const { message, why, next, facts } = ended as KitError
    expect(message).toContain('cannot go on with workflows that run now: processOrder')
    expect(why).toContain('processOrder order-0, event 5 (ActivityTaskScheduled): it differs')
    expect(why).toMatch(/order-4[\s\S]*and 2 more/)
    expect(next).toMatch(/patched\('NAME'\)[\s\S]*\.\/ecomweb deploy shop:1 --skip-replay/)
    expect(facts).toMatchObject({ failures })
  })

  it.each([
    ['cannot be reached', { code: 2, stderr: 'replay: Temporal at t:7233: connection refused' }, /refused/],
    [
      'never ends',
      { code: 137, stderr: 'replay: no end after 40000 ms; it was at processOrder order-1' },
      /order-1/,
    ],
    ['does not even start', { code: 1, stderr: 'no such image' }, /no such image/],
  ])('stops when what runs %s', async (_, result, why) => {
    const { ended } = await step(result)
    expect((ended as KitError).message).toContain('could not be seen')
    expect((ended as KitError).why).toMatch(why)
    expect((ended as KitError).next).toContain('--skip-replay')
  })

  it('goes on with a note about what was not looked at, and about what is over', async () => {
    const types = [
      { type: 'large', running: 2, replayed: 0, left_out: 2 },
      { type: 'mixed', running: 2, replayed: 1, left_out: 1 },
    ]
    const { notes } = await step({ stdout: JSON.stringify({ ...report, types, warnings: [failure] }) })
    expect(notes).toHaveLength(2)
    expect(notes[0]).toContain('2 large run and none was replayed')
    expect(notes[1]).toContain('processOrder order-1, event 5')
  })

  it('shows what the image says meanwhile, but not the report', async () => {
    const { lines } = await step({ stdout: JSON.stringify(report), stderr: '\nwaiting: Temporal' })
    expect(lines[0]).toBe('waiting: Temporal')
    expect(lines).toHaveLength(2)
  })

  it('has no facts where nothing was printed, as in a dry run', async () => {
    expect((await step({})).ended).toBeUndefined()
    expect(parseReport('{"histories": "many"}\nnonsense')).toBeUndefined()
  })
})

describe('a deploy', () => {
  async function deploy(of: SimulatedImage['replay'], values: Record<string, boolean> = {}) {
    const { host } = await startedStack(7, false)
    const image = addImage(host, 'good', ['001_init'])
    image.replay = of
    // Nothing but what is asked for goes wrong.
    host.random.chance = () => false
    let over = false
    const line = { spec: deployCommand, operands: [image.reference], values: { yes: true, ...values } }
    const ended = runCommand(host, line, { who: 'operator', faults: NO_FAULTS, wait: true }).finally(() => {
      over = true
    })
    await host.scheduler.run(() => over)
    const journal = await readJournal(promised(host.disk))
    const entry = (event: string) => journal.find((each) => each.event === event && each.step === 'replay')
    return { host, image, exit: await ended, journal, entry }
  }

  it('of an image that would break running workflows stops before anything of it runs', async () => {
    const { host, image, exit, journal, entry } = await deploy('fails')
    expect(exit).toBe('failed')
    expect(entry('step-failed')).toMatchObject({ facts: { failures: [{ workflow_id: 'order-1' }] } })
    expect(journal.some(({ step }) => step === 'start')).toBe(false)
    expect(host.containers.list.some((container) => container.image === image)).toBe(false)
    expect(host.watch.violations).toEqual([])
  })

  it('replays first, and leaves what it found in the journal', async () => {
    const { exit, entry } = await deploy('passes')
    expect(exit).toBe('done')
    expect(entry('step-done')).toMatchObject({ facts: { histories: 1 } })
  })

  it.each([
    ['passes', { 'skip-replay': true }, /--skip-replay/],
    ['undeclared', {}, /no REPLAY_COMMAND/],
    ['undeclared', { 'skip-replay': true }, /no REPLAY_COMMAND/],
  ] as const)('of an image that %s, with %o, says why it does not replay', async (of, values, why) => {
    const { exit, entry } = await deploy(of, values)
    expect(exit).toBe('done')
    expect(entry('step-done')).toMatchObject({ facts: { skipped: expect.stringMatching(why) } })
  })

  it('shows the step in its plan; a rollback has none', async () => {
    const { during, context } = await steadyStack()
    const image = await during(findImage(context.world.read, 'shop:1'))
    const { plan } = await during(planDeploy(context, image, { canary: [], soak: 0, skipReplay: true }))
    expect(formatPlan(context, { ...plan, replay: 'gate' }, [])).toMatch(
      /apply migrations\n +replay workflows\n/,
    )
    expect(formatPlan(context, { ...plan, replay: 'by_flag' }, [])).toContain('skipped by --skip-replay')
    expect(replay(context, { ...plan, replay: undefined })).toEqual([])
  })
})
