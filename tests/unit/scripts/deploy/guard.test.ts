import { describe, expect, it } from 'vitest'
import { deployCommand } from '../../../../scripts/commands/deploy.ts'
import { rollbackCommand } from '../../../../scripts/commands/switch.ts'
import { readJournal } from '../../../../scripts/deploy/journal.ts'
import { Plan } from '../../../../scripts/deploy/plan.ts'
import { illness } from '../../../../scripts/deploy/watching.ts'
import type { Command } from '../../../../scripts/run.ts'
import { type Colour, other } from '../../../../scripts/stack/colours.ts'
import { audit } from '../../../simulation/audit.ts'
import { steadyStack } from '../../../simulation/context.ts'
import { promised } from '../../../simulation/disk.ts'
import type { Host } from '../../../simulation/host.ts'
import { migrationName } from '../../../simulation/images.ts'
import { addImage, startedStack } from '../../../simulation/stack.ts'
import { pass, runWith } from './running.ts'

/** When users were last on a colour, after it was killed. */
function timesOn(host: Host, colour: Colour): { killed: number; left: number } {
  const times = { killed: 0, left: 0 }
  const look = () => {
    if (host.edge.routed().includes(colour)) times.left = host.scheduler.now
    host.scheduler.after(50, look)
  }
  look()
  return times
}

const values = { yes: true, canary: 'none', soak: '0' }

/** Workers come to a release by versions, and only cron follows users; or both do, where Temporal knows none. */
function letVersions(host: Host, known: boolean): void {
  host.temporal.knows = known
  for (const image of host.images.values()) image.versioned = known
  // Nothing but what a test asks for goes wrong.
  host.random.chance = () => false
}

describe('while workers and cron move, the new colour is watched', () => {
  it.each([
    ['kill', 'background'],
    ['crash', 'background'],
    ['kill', 'cron'],
    ['crash', 'cron'],
  ] as const)(
    '%s of it in the step %s gives users back and undoes the deploy',
    async (how, step) => {
      for (let seed = 1; seed <= 15; seed += 1) {
        const { host, expected } = await startedStack(seed, false)
        host.disk.remove('hooks')
        const image = addImage(host, 'good', [migrationName(1, 'init')])
        image.startMs = 1500
        letVersions(host, step === 'cron')
        const to = other(expected.active)
        const times = timesOn(host, to)
        const line = { spec: deployCommand, values, operands: [image.reference] }
        const exit = await runWith(host, line, step, seed * 50, () => {
          const container = host.containers.api(to)
          if (container) host.containers[how](container)
          times.killed = host.scheduler.now
        })
        expect(exit).toBe('failed')
        expect(times.left - times.killed).toBeLessThan(4000)
        const entries = await readJournal(promised(host.disk))
        expect(entries.find(({ event }) => event === 'step-failed')).toMatchObject({
          step,
          error: `${to} fell ill while users were on it, so they are on ${expected.active} again`,
        })
        expect(entries.at(-1)).toMatchObject({ event: 'end', result: 'rolled-back' })
        await pass(host, 20_000)
        expect([...host.watch.violations, ...(await audit(host, expected))]).toEqual([])
      }
    },
    30_000,
  )

  it('does not wait for workers that need long before it goes back', async () => {
    const { host, expected } = await startedStack(3, false)
    host.disk.remove('hooks')
    const image = addImage(host, 'no background', [migrationName(1, 'init')])
    letVersions(host, false)
    const to = other(expected.active)
    const begun = { at: 0 }
    const line = { spec: deployCommand, values, operands: [image.reference] }
    await runWith(host, line, 'background', 0, () => {
      begun.at = host.scheduler.now
      for (const container of host.containers.of('ecomweb_worker')) container.image.startMs = 60_000
      const container = host.containers.api(to)
      if (container) host.containers.kill(container)
    })
    const entries = await readJournal(promised(host.disk))
    expect(entries.find(({ event }) => event === 'step-failed')?.error).toContain('fell ill')
  })
})

/** Its colours run different images. */
const SEED_OF_TWO_IMAGES = 10

describe('a rollback', () => {
  it('goes to a warm colour that was restarted days ago', async () => {
    const { host, expected } = await startedStack(SEED_OF_TWO_IMAGES, false)
    letVersions(host, false)
    const warm = host.containers.api(other(expected.active))
    expect(warm?.image.id).not.toBe(expected.BACKGROUND_IMAGE)
    if (warm) {
      warm.restarts = 3
      warm.image.startMs = 5000
    }
    await pass(host, 5000)
    const exit = await runWith(host, { spec: rollbackCommand }, 'background', 0, () => {})
    expect(exit).toBe('done')
    expect(host.edge.routed()).toEqual([other(expected.active)])
  })
})

describe('illness', () => {
  it('is not what an engine that does not answer says', async () => {
    const { during, context, host } = await steadyStack()
    const [active] = host.edge.routed()
    const plan = Plan.parse({
      ...{ id: 'one', command: 'deploy', image: 'a', reference: 'a', before: {} },
      ...{ from: active, to: other(active as Colour) },
    })
    const say = (stderr: string) => ({
      ...context,
      world: {
        ...context.world,
        read: {
          dry: false,
          run: async ({ args }: Command) =>
            args.includes('inspect')
              ? { code: 1, stdout: '[]\n', stderr }
              : { code: 0, stdout: '', stderr: '' },
        },
      },
    })
    expect(await during(illness(say('Cannot connect to the Docker daemon'), plan))).toBeUndefined()
    expect(await during(illness(say('Error: No such container: sim_api_green'), plan))).toMatch(/is gone$/)
  })

  it('is not that a cut `docker compose up` left the container under another name', async () => {
    const { during, context, host } = await steadyStack()
    const [active] = host.edge.routed()
    const plan = Plan.parse({
      ...{ id: 'one', command: 'rollback', image: 'a', reference: 'a', before: {}, warm: true },
      ...{ from: other(active as Colour), to: active },
    })
    const name = `${context.env.ECOMWEB_NAME}_api_${active}`
    const { read } = context.world
    const run: typeof read.run = async (command, options) => {
      if (command.args.includes(name))
        return { code: 1, stdout: '[]\n', stderr: `Error: No such container: ${name}` }
      const ended = await read.run(command, options)
      return { ...ended, stdout: ended.stdout.replaceAll(`"/${name}"`, `"/cceee76afcff_${name}"`) }
    }
    const world = { ...context.world, read: { ...read, run } }
    expect(await during(illness({ ...context, world }, plan))).toBeUndefined()
  })
})
