import { describe, expect, it } from 'vitest'
import type { Backlog } from '../../../../scripts/autoscale/backlog.ts'
import { noLock } from '../../../../scripts/autoscale/lock.ts'
import { type Parts, type Round, type Rounds, round } from '../../../../scripts/autoscale/rounds.ts'
import { keepScaling } from '../../../../scripts/commands/autoscale.ts'
import { JOURNAL } from '../../../../scripts/deploy/journal.ts'
import { editEnvFile, parseEnvFile } from '../../../../scripts/settings/env-file.ts'
import { steadyStack } from '../../../simulation/context.ts'

const NOTHING: Backlog = { backlog: 0, ageMs: 0, added: 0, dispatched: 0 }
const MANY: Backlog = { ...NOTHING, backlog: 10_000, ageMs: 1000 }

/** A simulated stack of one worker, and rounds on it with a queue that the test fills. */
async function scaled(settings = '') {
  const { host, context, during } = await steadyStack()
  const edit = (changes: Record<string, string>) =>
    host.disk.settle('.env', editEnvFile(host.disk.read('.env') ?? '', changes))
  edit({ WORKER_REPLICAS: '1' })
  const [, ...surplus] = host.containers.of('ecomweb_worker')
  for (const container of surplus) host.containers.remove(container)
  const compose = host.disk.read('docker-compose.yml') ?? ''
  const configure = (text: string) =>
    host.disk.settle(
      'docker-compose.yml',
      compose.replace('x-ecomweb:\n', `x-ecomweb:\n  autoscale: ${text}\n`),
    )
  if (settings) configure(settings)
  const queue = { now: NOTHING as Backlog | Error }
  const parts: Parts = {
    lock: noLock,
    backlog: async () => {
      if (queue.now instanceof Error) throw queue.now
      return queue.now
    },
  }
  const rounds: Rounds = { intervalMs: 0 }
  return {
    ...{ host, context, queue, parts, rounds, edit, configure },
    said: () => parseEnvFile(host.disk.read('.env') ?? '').WORKER_REPLICAS,
    workers: () => host.containers.of('ecomweb_worker').filter(({ ready }) => ready).length,
    look: () => during(round(context, rounds, parts)),
    /** Lets time pass, and looks every five seconds meanwhile. */
    async looks(seconds: number): Promise<Round[]> {
      const seen: Round[] = []
      for (const end = host.scheduler.now + seconds * 1000; host.scheduler.now < end; ) {
        seen.push(await during(round(context, rounds, parts)))
        await during(context.world.clock.sleep(5000))
      }
      return seen
    },
    during,
  }
}

const acted = (seen: Round[]) => seen.filter(({ action }) => action !== 'stay').map(({ to }) => to)

describe('a round', () => {
  it('adds workers for a backlog, in .env and in fact, and touches nothing else', async () => {
    const { host, queue, look, said, workers } = await scaled()
    const others = () => host.containers.list.filter(({ service }) => service !== 'ecomweb_worker')
    const before = others().map(({ id, starts }) => `${id} ${starts}`)
    const [first] = host.containers.of('ecomweb_worker')
    queue.now = MANY
    expect(await look()).toMatchObject({ action: 'up', workers: 1, to: 5, backlog: 10_000, age_ms: 1000 })
    expect([said(), workers()]).toEqual(['5', 5])
    expect(host.containers.of('ecomweb_worker')).toContain(first)
    expect(others().map(({ id, starts }) => `${id} ${starts}`)).toEqual(before)
  })

  it('stops them in steps after it is done, and the last one stays', async () => {
    const { queue, look, looks, said, workers } = await scaled('{ idle: 30s }')
    queue.now = MANY
    await look()
    queue.now = NOTHING
    expect(acted(await looks(200))).toEqual([3, 2, 1])
    expect([said(), workers()]).toEqual(['1', 1])
  })

  it('leaves everything to a command that holds the lock, also one that came meanwhile', async () => {
    const { queue, parts, look, said } = await scaled()
    queue.now = MANY
    parts.lock = { held: async () => true, during: async () => 'held' }
    expect(await look()).toMatchObject({ action: 'locked' })
    parts.lock = { held: async () => false, during: async () => 'held' }
    expect(await look()).toMatchObject({ action: 'up', to: 5, waits: 'a command is changing the stack' })
    expect(said()).toBe('1')
    parts.lock = noLock
    expect((await look()).waits).toBeUndefined()
    expect(said()).toBe('5')
  })

  it('changes nothing after a deploy that was cut off', async () => {
    const { host, queue, look, said } = await scaled()
    host.disk.settle(JOURNAL, `${JSON.stringify({ at: '', id: 'one', command: 'deploy', event: 'begin' })}\n`)
    queue.now = MANY
    expect(await look()).toMatchObject({ action: 'up', waits: 'a deploy was cut off' })
    expect(said()).toBe('1')
  })

  it('keeps the workers while Temporal is away, and goes on afterwards', async () => {
    const { queue, look, said } = await scaled()
    queue.now = new Error('Temporal at 10.0.0.2:7233: connection refused')
    expect(await look()).toMatchObject({ action: 'problem', reason: queue.now.message })
    expect(said()).toBe('1')
    queue.now = MANY
    expect(await look()).toMatchObject({ action: 'up' })
  })

  it('puts .env back where Compose could not start them', async () => {
    const { host, queue, look, said } = await scaled()
    const images = new Map(host.images)
    host.images.clear()
    queue.now = MANY
    expect(await look()).toMatchObject({
      action: 'problem',
      reason: expect.stringContaining('No such image'),
    })
    expect(said()).toBe('1')
    for (const [id, image] of images) host.images.set(id, image)
    expect(await look()).toMatchObject({ action: 'up', to: 5 })
  })

  it('says which of the new workers is not well', async () => {
    const { host, queue, look } = await scaled()
    for (const image of host.images.values()) image.startMs = 60_000
    queue.now = MANY
    expect(await look()).toMatchObject({
      action: 'up',
      ill: expect.stringMatching(/5 workers are healthy.*worker/),
    })
  })

  it('takes --scale over into .env once it lasts, so that the next deploy keeps it', async () => {
    const { during, context, edit, looks, said, workers } = await scaled()
    await looks(5)
    await during(
      context.world.runner.run({
        file: 'docker',
        args: [
          'compose',
          '--ansi',
          'never',
          'up',
          '-d',
          '--quiet-pull',
          '--no-deps',
          '--no-recreate',
          'ecomweb_worker',
        ],
        env: { WORKER_REPLICAS: '3' },
      }),
    )
    expect(said()).toBe('1')
    expect(acted(await looks(30)).filter(Boolean)).toEqual([3])
    expect([said(), workers()]).toEqual(['3', 3])
    edit({ WORKER_REPLICAS: '2' })
    expect(acted(await looks(30)).filter(Boolean)).toEqual([2])
    expect(workers()).toBe(2)
  })

  it('leaves a number outside the limits as it is, until the limits change', async () => {
    const { queue, edit, look, configure, said } = await scaled()
    edit({ WORKER_REPLICAS: '0' })
    queue.now = MANY
    expect(await look()).toMatchObject({ action: 'held' })
    edit({ WORKER_REPLICAS: '1' })
    configure('{ min: 2, max: 3 }')
    expect(await look()).toMatchObject({ action: 'held' })
    expect(said()).toBe('1')
    configure('{ max: 3 }')
    expect(await look()).toMatchObject({ action: 'up', to: 3 })
  })

  it('does not decide by settings that are not valid', async () => {
    const { look, configure } = await scaled()
    configure('{ mx: 9 }')
    expect(await look()).toMatchObject({
      action: 'problem',
      reason: expect.stringContaining('did you mean max?'),
    })
  })
})

describe('./ecomweb autoscale', () => {
  it('prints a line for what it does and for what is wrong, once, and ends when it is interrupted', async () => {
    const { context, during, parts, queue, host } = await scaled('{ idle: 20s, interval: 5s }')
    const printed: string[] = []
    const emitted: unknown[] = []
    const controller = new AbortController()
    const stations: [seconds: number, backlog: Backlog | Error][] = [
      [20, NOTHING],
      [40, new Error('Temporal is away')],
      [60, NOTHING],
      [80, MANY],
      [160, NOTHING],
    ]
    const begin = host.scheduler.now
    const asked: Parts['backlog'] = (...given) => {
      const second = (host.scheduler.now - begin) / 1000
      queue.now = stations.find(([end]) => second < end)?.[1] ?? NOTHING
      if (second > 160) controller.abort()
      return parts.backlog(...given)
    }
    const told = {
      ...context,
      interrupted: controller.signal,
      print: (line: string) => void printed.push(line.slice(10)),
      emit: (value: unknown) => void emitted.push(value),
    }
    await during(keepScaling(told, { ...parts, backlog: asked }, (ms) => context.world.clock.sleep(ms)))
    expect(printed).toEqual([
      '1 worker: nothing waits',
      'the workers stay as they are: Temporal is away',
      '1 worker: nothing waits',
      '1 → 5 workers: 10000 tasks wait, 50 are for one worker',
      '5 workers, which is the most: 10000 tasks wait, 50 are for one worker',
      '5 workers: nothing waits for 0 s, fewer workers after 20 s',
      '5 → 3 workers: nothing waits for 20 s',
      '3 → 2 workers: nothing waits for 20 s',
      '2 → 1 worker: nothing waits for 20 s',
    ])
    expect(emitted.length).toBeGreaterThan(20)
    expect(emitted[0]).toMatchObject({ workers: 1, backlog: 0, action: 'stay', to: 1 })
  })
})
