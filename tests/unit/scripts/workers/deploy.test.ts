import { describe, expect, it } from 'vitest'
import type { CommandSpec, Values } from '../../../../scripts/commands/command.ts'
import { deployCommand } from '../../../../scripts/commands/deploy.ts'
import { rollbackCommand, switchCommand } from '../../../../scripts/commands/switch.ts'
import { workersCommand } from '../../../../scripts/commands/workers.ts'
import { readJournal } from '../../../../scripts/deploy/journal.ts'
import { parseEnvFile } from '../../../../scripts/settings/env-file.ts'
import { other } from '../../../../scripts/stack/colours.ts'
import { buildIdOf } from '../../../../scripts/workers/build-id.ts'
import { runCommand } from '../../../simulation/command.ts'
import { promised } from '../../../simulation/disk.ts'
import type { Behaviour, SimulatedImage } from '../../../simulation/images.ts'
import { NO_FAULTS } from '../../../simulation/process.ts'
import { addImage, startedStack } from '../../../simulation/stack.ts'

/** A stack with a release that registers versions, on which commands are run one after another. */
async function stack() {
  const { host, expected } = await startedStack(7, true)
  for (const image of host.images.values()) Object.assign(image, { versioned: true, replay: 'passes' })
  const { temporal, scheduler } = host
  temporal.knows = true
  const first = buildIdOf(expected.BACKGROUND_IMAGE)
  temporal.running.set(first, 0)
  temporal.current = first
  // Only what a test lets fail, fails, and only what it lets run, runs.
  host.random.chance = () => false
  temporal.begin = () => {}
  await scheduler.run(() => scheduler.now > 5000)
  const run = async (spec: CommandSpec, operands: string[] = [], values: Values = {}) => {
    let over = false
    const line = { spec, operands, values: { yes: true, ...values } }
    const ended = runCommand(host, line, { who: 'operator', faults: NO_FAULTS, wait: true }).finally(() => {
      over = true
    })
    const limit = scheduler.now + 3_600_000
    await scheduler.run(() => over || scheduler.now > limit)
    if (!over) throw new Error(`it does not end:\n${host.watch.trace.slice(-15).join('\n')}`)
    return ended
  }
  const make = (behaviour: Behaviour = 'good') => {
    const image: SimulatedImage = addImage(host, behaviour, ['001_init'])
    return Object.assign(image, { versioned: true, replay: 'passes' as SimulatedImage['replay'] })
  }
  const deploy = (image: SimulatedImage, values: Values = {}) =>
    run(deployCommand, [image.reference], { soak: '0', canary: 'none', ...values })
  const env = () => parseEnvFile(host.disk.read('.env') ?? '')
  const steps = async () => {
    const entries = await readJournal(promised(host.disk))
    const last = entries.filter(({ id }) => id === entries.at(-1)?.id)
    return last.flatMap(({ event, step }) =>
      event === 'step' ? [step] : event === 'undo' ? [`-${step}`] : [],
    )
  }
  return { host, temporal, first, run, make, deploy, env, steps }
}

describe('a deploy', () => {
  it('starts the new workers before users, makes them current after, and leaves the old ones beside them', async () => {
    const { temporal, first, make, deploy, env, steps } = await stack()
    temporal.running.set(first, 3)
    const image = make()
    expect(await deploy(image)).toBe('done')
    const order = (await steps()).filter((step) =>
      /^(retire|workers|ready|switch|promote|cron)$/.test(step ?? ''),
    )
    expect(order).toEqual(['retire', 'workers', 'ready', 'switch', 'promote', 'cron'])
    expect(temporal.current).toBe(buildIdOf(image.id))
    expect(temporal.workersOf(first).map(({ service }) => service)).toContain('ecomweb_worker_previous')
    expect(env()).toMatchObject({
      BACKGROUND_IMAGE: image.id,
      WORKER_PREVIOUS_REPLICAS: env().WORKER_REPLICAS,
    })
    expect(temporal.running.get(first)).toBe(3)
  })

  it('hands over what still runs on the version before the one before', async () => {
    const { temporal, first, make, deploy } = await stack()
    await deploy(make())
    temporal.running.set(first, 2)
    expect(await deploy(make())).toBe('done')
    expect(temporal.running.get(first) ?? 0).toBe(0)
    expect(temporal.stranded()).toEqual([])
  })

  it('is refused before anything of it runs where that cannot go on, with --skip-replay as the way out', async () => {
    const { host, temporal, first, make, deploy, env } = await stack()
    const live = make()
    await deploy(live)
    temporal.running.set(first, 2)
    live.replay = 'fails'
    const before = env()
    const image = make()
    // Of what runs now in general it replays a few; of that version, all.
    image.replayOf = { [first]: 'fails' }
    expect(await deploy(image)).toBe('failed')
    expect(env()).toEqual(before)
    expect(host.containers.list.some((container) => container.image === image)).toBe(false)
    expect(await deploy(image, { 'skip-replay': true })).toBe('done')
  })

  it('hands over what only it can go on with once it is current', async () => {
    const { temporal, first, make, deploy, steps } = await stack()
    const live = make()
    await deploy(live)
    temporal.running.set(first, 2)
    live.replayOf = { [first]: 'fails' }
    const current: string[] = []
    const release = temporal.release.bind(temporal)
    temporal.release = (version) => {
      current.push(temporal.current)
      return release(version)
    }
    const image = make()
    expect(await deploy(image)).toBe('done')
    expect(current).toEqual([buildIdOf(image.id)])
    expect(await steps()).toContain('handover')
    expect(temporal.stranded()).toEqual([])
  })

  it('that goes back leaves that to its own workers again', async () => {
    const { temporal, first, make, deploy, env } = await stack()
    const live = make()
    await deploy(live)
    temporal.running.set(first, 2)
    live.replayOf = { [first]: 'fails' }
    const before = env()
    expect(await deploy(make('crashing'))).toBe('failed')
    expect(env()).toEqual(before)
    expect(temporal.running.get(first)).toBe(2)
    expect(temporal.stranded()).toEqual([])
  })

  it('that goes back does so fully where the version before the one that serves does not start any more', async () => {
    const { host, temporal, first, make, deploy, env } = await stack()
    const old = [...host.images.values()].find(({ id }) => buildIdOf(id) === first) as SimulatedImage
    await deploy(make())
    old.behaviour = 'no background'
    const failing = () => deploy(make('crashing'))
    expect(await failing()).toBe('failed')
    expect(env().WORKER_PREVIOUS_REPLICAS).toBe('0')
    // It is over: another may begin, and ends in the same way.
    expect(await failing()).toBe('failed')
    expect(temporal.stranded()).toEqual([])
  })

  it('whose workers are ill never reaches users, and leaves the current version', async () => {
    const { host, temporal, first, make, deploy, env, steps } = await stack()
    const before = env()
    const colours = host.edge.routed()
    expect(await deploy(make('no background'))).toBe('failed')
    expect(await steps()).not.toContain('switch')
    expect([temporal.current, host.edge.routed()]).toEqual([first, colours])
    expect(env()).toMatchObject({ BACKGROUND_IMAGE: before.BACKGROUND_IMAGE, WORKER_PREVIOUS_REPLICAS: '0' })
  })

  it('that fails its gate goes back', async () => {
    const { temporal, first, make, deploy, steps } = await stack()
    temporal.gate = () => ({ ms: 10, problem: 'the activity has no database' })
    expect(await deploy(make())).toBe('failed')
    expect((await steps()).filter((step) => step?.startsWith('-'))).toEqual(['-workers', '-start', '-retire'])
    expect(temporal.current).toBe(first)
  })

  it('that went back leaves its workers in the second service while workflows run on them', async () => {
    const { host, temporal, first, make, deploy, env } = await stack()
    const image = make('erring')
    // An order comes in as soon as a part of the users is there.
    const order = () => {
      if (host.edge.routed().length === 2) temporal.running.set(buildIdOf(image.id), 1)
      else host.scheduler.after(500, order)
    }
    order()
    expect(await deploy(image, { canary: '5,50' })).toBe('failed')
    expect(temporal.running.get(buildIdOf(image.id))).toBe(1)
    expect(temporal.current).toBe(first)
    expect(env()).toMatchObject({ WORKER_PREVIOUS_IMAGE: image.id })
    expect(temporal.stranded()).toEqual([])
  })
})

describe('a warm rollback', () => {
  it('moves users first, then the current version at once, then the two services change places', async () => {
    const { temporal, first, make, deploy, run, env, steps } = await stack()
    const image = make()
    await deploy(image)
    const before = env()
    temporal.running.set(buildIdOf(image.id), 4)
    expect(await run(rollbackCommand)).toBe('done')
    expect(await steps()).toEqual(['keep', 'switch', 'streams', 'promote', 'retire', 'workers', 'cron'])
    expect(temporal.current).toBe(first)
    expect(env()).toMatchObject({
      BACKGROUND_IMAGE: before.WORKER_PREVIOUS_IMAGE,
      WORKER_PREVIOUS_IMAGE: before.BACKGROUND_IMAGE,
    })
    expect(temporal.stranded()).toEqual([])
  })

  it('starts workers for a version that has none', async () => {
    const { temporal, first, make, deploy, run } = await stack()
    await deploy(make())
    expect(await run(workersCommand, ['drain'])).toBe('done')
    expect(temporal.workersOf(first)).toEqual([])
    expect(await run(rollbackCommand)).toBe('done')
    expect(temporal.current).toBe(first)
    expect(temporal.workersOf(first)).not.toEqual([])
  })
})

describe('a switch', () => {
  it('takes the current version along, and gives it workers where it has none', async () => {
    const { host, temporal, first, make, deploy, run, env } = await stack()
    const image = make()
    await deploy(image)
    await run(workersCommand, ['drain'])
    const to = other(host.edge.routed()[0] ?? 'blue')
    expect(await run(switchCommand, [to])).toBe('done')
    expect(temporal.current).toBe(first)
    expect(temporal.workersOf(first)).not.toEqual([])
    expect(env().BACKGROUND_IMAGE).toBe(image.id)
  })
})

describe('workers drain', () => {
  it('waits until nothing runs on the version before, then ends its workers', async () => {
    const { host, temporal, first, make, deploy, run, env } = await stack()
    await deploy(make())
    temporal.running.set(first, 2)
    host.scheduler.after(60_000, () => temporal.running.set(first, 0))
    const start = host.scheduler.now
    expect(await run(workersCommand, ['drain'])).toBe('done')
    expect(host.scheduler.now - start).toBeGreaterThan(60_000)
    expect(env().WORKER_PREVIOUS_REPLICAS).toBe('0')
    expect(host.containers.of('ecomweb_worker_previous')).toEqual([])
  })

  it('hands over the rest after its time-out, if that can go on', async () => {
    const { temporal, first, make, deploy, run, env } = await stack()
    const live = make()
    await deploy(live)
    temporal.running.set(first, 2)
    live.replay = 'fails'
    expect(await run(workersCommand, ['drain'], { timeout: '5s' })).toBe('failed')
    expect([temporal.running.get(first), env().WORKER_PREVIOUS_REPLICAS]).toEqual([2, env().WORKER_REPLICAS])
    live.replay = 'passes'
    expect(await run(workersCommand, ['drain'], { timeout: '5s' })).toBe('done')
    expect([temporal.running.get(first), env().WORKER_PREVIOUS_REPLICAS]).toEqual([0, '0'])
  })

  it('is refused for the current version', async () => {
    const { temporal, first, make, deploy, run } = await stack()
    await deploy(make())
    temporal.current = first
    expect(await run(workersCommand, ['drain'])).toBe('failed')
    expect(temporal.workersOf(first)).not.toEqual([])
  })
})

describe('workers promote', () => {
  it('makes the version of the release that serves current, or one that is named', async () => {
    const { temporal, first, make, deploy, run } = await stack()
    const image = make()
    await deploy(image)
    expect(await run(workersCommand, ['promote', first])).toBe('done')
    expect(temporal.current).toBe(first)
    expect(await run(workersCommand, ['promote'])).toBe('done')
    expect(temporal.current).toBe(buildIdOf(image.id))
  })

  it('refuses a version that nobody works for, and one that is not known', async () => {
    const { temporal, first, make, deploy, run } = await stack()
    const image = make()
    await deploy(image)
    await run(workersCommand, ['drain'])
    expect(await run(workersCommand, ['promote', first])).toBe('failed')
    expect(await run(workersCommand, ['promote', 'ffffffffffff'])).toBe('failed')
    expect(temporal.current).toBe(buildIdOf(image.id))
  })
})
