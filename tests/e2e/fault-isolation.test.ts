import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readiness, restore, untilReady } from './harness/colours.ts'
import { type ContainerState, containerOf, runningContainers } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { type Colour, other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

const COLOURS = ['blue', 'green'] as const

beforeAll(() => restore(stack))
afterAll(() => restore(stack))

/** Every container but one runs on: the same, never restarted, and healthy. */
async function expectOthersUntouched(before: ContainerState[], killed: string): Promise<void> {
  const now = new Map((await runningContainers(stack)).map((container) => [container.id, container]))
  for (const { name, id, startedAt } of before.filter(({ service }) => service !== killed)) {
    expect(now.get(id), `${name} is gone`).toBeDefined()
    expect(now.get(id)?.startedAt, `${name} was restarted`).toBe(startedAt)
    expect(now.get(id)?.health, `${name} is not healthy`).not.toBe('unhealthy')
  }
}

/** Kills the main process as a crash would: from outside, so that the restart policy applies. */
async function killMainProcess(service: string): Promise<ContainerState> {
  const container = await containerOf(stack, service)
  process.kill(container.pid, 'SIGKILL')
  await waitUntil(`the engine notices that ${service} died`, async () => {
    const startedAt = await stack.inspect(container.name, '{{.State.StartedAt}} {{.State.Running}}')
    return startedAt !== `${container.startedAt} true`
  })
  return container
}

const comesBack = (service: string) =>
  waitUntil(`${service} is back`, async () => (await containerOf(stack, service)).health === 'healthy')

const direct = async (colour: Colour, path: string): Promise<number> =>
  (await fetch(`${stack.directUrl(colour)}${path}`)).status

describe('killing the main process of one container', () => {
  it.each(['ecomweb_cron', 'ecomweb_worker', 'ecomweb_redis', 'ecomweb_temporal', 'ecomweb_postgres'])(
    'of %s leaves the API and all others serving, and it comes back',
    async (service) => {
      const before = await runningContainers(stack)
      await killMainProcess(service)
      for (let count = 0; count < 10; count += 1) expect((await stack.get('/health')).status).toBe(200)
      await comesBack(service)
      await expectOthersUntouched(before, service)
      await waitUntil('products are served', async () => (await stack.get('/api/products')).status === 200)
    },
  )

  it.each(['idle', 'active'])('of the %s colour leaves the other colour serving', async (which) => {
    const active = await stack.active()
    const colour = which === 'active' ? active : other(active)
    const before = await runningContainers(stack)
    await killMainProcess(`ecomweb_api_${colour}`)
    expect(await direct(other(colour), '/api/products')).toBe(200)
    if (which === 'idle') expect((await stack.get('/api/products')).status).toBe(200)
    await untilReady(stack, colour)
    await expectOthersUntouched(before, `ecomweb_api_${colour}`)
    expect((await stack.get('/api/products')).servedBy).toBe(active)
  })

  it('of HAProxy leaves both colours serving on their own ports', async () => {
    const active = await stack.active()
    const before = await runningContainers(stack)
    await killMainProcess('ecomweb_haproxy')
    for (const colour of COLOURS) expect(await direct(colour, '/api/products')).toBe(200)
    await waitUntil('the edge serves again', async () => (await stack.active()) === active)
    for (const colour of COLOURS) await untilReady(stack, colour)
    await expectOthersUntouched(before, 'ecomweb_haproxy')
  })
})

describe('ten seconds without', () => {
  it.each([
    ['Redis and Temporal', ['redis', 'temporal']],
    ['PostgreSQL', ['postgres']],
  ])('%s take no colour out', async (_, parts) => {
    const containers = parts.map((part) => stack.container(part))
    // Paused, not stopped: connections hang instead of being refused, which is the harder case.
    await stack.docker(['pause', ...containers])
    try {
      const over = performance.now() + 10_000
      while (performance.now() < over) {
        for (const colour of COLOURS) expect(await readiness(stack, colour)).toMatchObject({ ready: true })
        expect((await stack.get('/health')).status).toBe(200)
        if (!parts.includes('postgres')) expect((await stack.get('/api/products')).status).toBe(200)
        await delay(500)
      }
    } finally {
      await stack.docker(['unpause', ...containers])
    }
    await waitUntil('everything is used again', async () => {
      const { status } = await stack.api<{ status: string }>('/api/health')
      return status === 'healthy'
    })
    expect((await stack.get('/api/products')).status).toBe(200)
  })
})
