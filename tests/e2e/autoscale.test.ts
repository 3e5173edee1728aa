import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Round } from '../../scripts/autoscale/rounds.ts'
import { restore } from './harness/colours.ts'
import { type ContainerState, runningContainers } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { WHOLE } from './harness/draw.ts'
import { placeOrders } from './harness/place.ts'
import { start } from './harness/process.ts'
import { waitUntil } from './harness/wait.ts'

const { tasks, path } = WHOLE ? { tasks: 10_000, path: [5, 3, 2, 1] } : { tasks: 150, path: [3, 2, 1] }
const LONG_MS = WHOLE ? 40 * 60_000 : 5 * 60_000

const workers = async (): Promise<ContainerState[]> =>
  (await runningContainers(stack)).filter(({ service }) => service === 'ecomweb_worker')

const untilWorkers = (count: number, timeoutMs = 120_000) =>
  waitUntil(`${count} workers run`, async () => (await workers()).length === count, { timeoutMs })

const said = (): number => Number(stack.setting('WORKER_REPLICAS') ?? 1)

/** One look, as `--once --json` prints it. */
async function once(...args: string[]): Promise<{ code: number; seen: Round }> {
  const { code, stdout } = await stack.ecomweb(['autoscale', '--once', '--json', ...args], { check: false })
  return { code, seen: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Round }
}

/** The autoscaler in the foreground while `work` is done; ended by Ctrl-C. What it decided, look by look. */
async function whileScaling(work: () => Promise<void>): Promise<Round[]> {
  const scaling = start('./ecomweb', ['autoscale', '--json'], {
    cwd: stack.info.folder,
    check: false,
    timeoutMs: LONG_MS,
  })
  try {
    await work()
  } finally {
    process.kill(scaling.pid, 'SIGINT')
  }
  const { code, stdout, stderr } = await scaling.ended
  expect(code, stdout.slice(-2000) + stderr).toBe(0)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Round)
}

async function scaledTo(count: number): Promise<void> {
  stack.edit('WORKER_REPLICAS', String(count))
  await stack.compose(['up', '-d', '--no-deps', 'ecomweb_worker'])
  await untilWorkers(count)
}

const usual: [string, string][] = []

beforeAll(async () => {
  await restore(stack)
  const settings = { max: WHOLE ? '5' : '3', backlog_per_worker: WHOLE ? '150' : '50', idle: '5s' }
  for (const [name, value] of Object.entries(settings)) usual.push([name, stack.editKitSetting(name, value)])
  await scaledTo(1)
  await waitUntil('no earlier test has left a backlog', async () => (await once()).seen.backlog === 0)
})

afterAll(async () => {
  for (const [name, value] of usual) stack.editKitSetting(name, value)
  await scaledTo(1)
})

describe('a backlog', () => {
  it(
    `of ${tasks} tasks takes workers from one to ${path[0]} and back, and every order is completed once`,
    async () => {
      const email = `scale-${randomUUID()}@example.com`
      const count = (condition: string) =>
        stack.sql(`SELECT count(*) FROM orders WHERE email = '${email}' AND ${condition};`).then(Number)
      const [first] = await workers()
      const others = async () =>
        (await runningContainers(stack))
          .filter(({ service }) => service !== 'ecomweb_worker')
          .map(({ id, startedAt }) => `${id} ${startedAt}`)
          .sort()
      const before = await others()
      // Not `docker pause`: Compose refuses to scale a service of which a container is paused.
      const signal = (name: 'STOP' | 'CONT') =>
        stack.docker(['exec', first?.name ?? '', 'bash', '-c', `kill -${name} -1`])
      await signal('STOP')
      const began = Date.now()
      let rounds: Round[] = []
      try {
        await placeOrders(stack, tasks, email)
        rounds = await whileScaling(async () => {
          await untilWorkers(path[0] as number)
          // Those that were started do the work; this one helps from now on.
          await signal('CONT')
          await waitUntil(
            'every order is completed',
            async () => (await count(`status = 'completed'`)) === tasks,
            { timeoutMs: LONG_MS, everyMs: 1000 },
          )
          await waitUntil('one worker is left', async () => said() === 1 && (await workers()).length === 1, {
            timeoutMs: 240_000,
            everyMs: 500,
          })
        })
      } finally {
        await signal('CONT')
      }
      const acted = rounds.filter(({ action }) => action === 'up' || action === 'down')
      expect(acted.map(({ to }) => to)).toEqual(path)
      expect(acted[0]).toMatchObject({ action: 'up', workers: 1 })
      expect(acted[0]?.backlog).toBeGreaterThan(tasks * 0.8)
      expect(acted.flatMap(({ ill, waits }) => [ill, waits]).filter(Boolean)).toEqual([])
      expect(await count('completions = 1')).toBe(tasks)
      expect((await workers())[0]?.id).toBe(first?.id)
      expect(await others()).toEqual(before)
      const seconds = (at: string | undefined) => Math.round((Date.parse(at ?? '') - began) / 1000)
      console.log(
        acted
          .map(({ at, workers: from, to, reason }) => `${seconds(at)} s: ${from} → ${to} (${reason})`)
          .join('\n'),
      )
    },
    LONG_MS,
  )
})

describe('what is set by hand', () => {
  it('with --scale is kept by the autoscaler, which goes on from there', async () => {
    const rounds = await whileScaling(async () => {
      await stack.compose([
        'up',
        '-d',
        '--no-deps',
        '--no-recreate',
        '--scale',
        'ecomweb_worker=2',
        'ecomweb_worker',
      ])
      await waitUntil('.env says 2', () => said() === 2, { timeoutMs: 90_000 })
      await waitUntil('one worker is left', async () => said() === 1 && (await workers()).length === 1, {
        timeoutMs: 120_000,
      })
    })
    const acted = rounds.filter(({ action }) => action === 'adopt' || action === 'down')
    expect(acted.map(({ action, to }) => [action, to])).toEqual([
      ['adopt', 2],
      ['down', 1],
    ])
  })

  it('outside the limits is left as it is until --reset', async () => {
    stack.edit('WORKER_REPLICAS', '9')
    expect(await once()).toMatchObject({ code: 0, seen: { action: 'held' } })
    expect([said(), (await workers()).length]).toEqual([9, 1])
    stack.edit('WORKER_REPLICAS', '0')
    expect(await once('--reset')).toMatchObject({ code: 0, seen: { action: 'stay', workers: 1 } })
    expect([said(), (await workers()).length]).toEqual([1, 1])
  })
})

describe('everything else', () => {
  it('waits while another command changes the stack', async () => {
    const hold = 'exec 9>>.ecomweb/lock; flock 9; ./ecomweb autoscale --once --json 9>&-'
    const { code, stdout } = await stack.shell(hold, { check: false })
    expect([code, JSON.parse(stdout)]).toEqual([75, expect.objectContaining({ action: 'locked' })])
  })

  it('stays as it is while Temporal is away, which is said once', async () => {
    const temporal = stack.container('temporal')
    await stack.docker(['pause', temporal])
    try {
      const { code, stderr } = await stack.ecomweb(['autoscale', '--once'], { check: false })
      expect([code, stderr]).toEqual([1, expect.stringContaining('the workers stay as they are')])
      expect([said(), (await workers()).length]).toEqual([1, 1])
    } finally {
      await stack.docker(['unpause', temporal])
    }
    await waitUntil('it can see again', async () => (await once()).seen.action === 'stay')
  })
})
