/** Workers of two versions beside each other: whose workflow is whose, and what an operator may do with them by hand. */
import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TASK_QUEUE } from '../../apps/core/temporal.ts'
import { ORDER_WEBHOOK_WORKFLOW } from '../../apps/worker/order-webhook/start.ts'
import { buildIdOf } from '../../scripts/workers/build-id.ts'
import { restore } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage, imageId } from './harness/images.ts'
import { placeOrders } from './harness/place.ts'
import { type Receiver, startReceiver } from './harness/receiver.ts'
import { openTemporal } from './harness/temporal.ts'
import { waitUntil } from './harness/wait.ts'
import { tellOfOrders } from './harness/webhook.ts'

type Workflow = ReturnType<Client['workflow']['getHandle']>
type Version = { build_id: string; status: string; pollers: number; running: number; services: string[] }

/** The receiver has refused workflows come again so often, in seconds. */
const AGAIN_S = 3
const SOON = { timeout: 300_000 }

let silence: (() => void) | undefined
let receiver: Receiver
let client: Client
/** One that began before the first deploy. */
let waiting: Workflow
const images = { second: '', third: '' }
const versions = { first: '', second: '', third: '' }

beforeAll(async () => {
  await restore(stack)
  receiver = await startReceiver(stack, AGAIN_S)
  silence = tellOfOrders(stack, receiver.url)
  await stack.compose(['up', '-d', '--no-deps', 'ecomweb_worker'])
  versions.first = buildIdOf(await stack.inspect(stack.container('cron'), '{{.Image}}'))
  for (const name of ['second', 'third'] as const) {
    images[name] = await buildImage(stack, `v-versions-${name}`)
    versions[name] = buildIdOf(await imageId(stack, images[name]))
  }
  client = await openTemporal(stack)
  await waitUntil('the workers have begun', async () => (await current()) === versions.first)
})

afterAll(async () => {
  silence?.()
  receiver?.close()
  await client?.connection.close()
  await restore(stack)
})

async function known(): Promise<Version[]> {
  const { stdout } = await stack.ecomweb(['workers', 'status', '--json'])
  return (JSON.parse(stdout) as { versions: Version[] }).versions
}

const version = async (id: string): Promise<Version | undefined> =>
  (await known()).find(({ build_id }) => build_id === id)

const current = async (): Promise<string | undefined> =>
  (await known()).find(({ status }) => status === 'current')?.build_id

/** Places an order whose workflow then waits for its receiver; resolves with what tells of that. */
async function waitingOrder(): Promise<Workflow> {
  const email = `versions-${randomUUID()}@example.com`
  await placeOrders(stack, 1, email)
  const id = await waitUntil('the order is there', async () => {
    const [order] = await stack.rows<{ id: string }>(`SELECT id FROM orders WHERE email = '${email}'`)
    return order?.id
  })
  const handle = client.workflow.getHandle(`order-webhook-${id}`)
  await untilWaiting(handle)
  return handle
}

/** The same for an order that was told of already, begun on a version as if that were current. */
async function waitingOn(buildId: string): Promise<Workflow> {
  const [order] = await stack.rows<{ id: string }>(
    `SELECT id FROM orders WHERE email LIKE 'versions-%' AND status = 'completed' LIMIT 1`,
  )
  const handle = await client.workflow.start(ORDER_WEBHOOK_WORKFLOW, {
    ...{ taskQueue: TASK_QUEUE, workflowId: `order-webhook-${randomUUID()}`, args: [order?.id] },
    versioningOverride: { pinnedTo: { deploymentName: stack.info.name, buildId } },
  })
  await untilWaiting(handle)
  return handle
}

const untilWaiting = (handle: Workflow): Promise<unknown> =>
  waitUntil('its workflow has begun', async () => {
    const { raw } = await handle.describe()
    return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) > 1)
  })

/** The versions that executed a workflow, in order. */
async function executedBy(handle: Workflow): Promise<string[]> {
  const { events } = await handle.fetchHistory()
  const builds = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: done }) => {
    const build = done?.deploymentVersion?.buildId
    return build ? [build] : []
  })
  return [...new Set(builds)]
}

it('a deploy has its own version current, which had passed its gate', SOON, async () => {
  receiver.shut()
  waiting = await waitingOrder()
  const { code, steps, output } = await stack.deploy(images.second)
  expect(code, output).toBe(0)
  const done = steps.filter(({ status }) => status === 'done').map(({ step }) => step)
  const [workers, ready, current, cron] = ['start workers', 'wait until', 'make version', 'move cron'].map(
    (begin) => done.findIndex((step) => step.startsWith(begin)),
  )
  expect([workers, ready, current, cron]).toEqual(
    [workers, ready, current, cron].toSorted((a = 0, b = 0) => a - b),
  )
  expect(await version(versions.second)).toMatchObject({ status: 'current', services: ['ecomweb_worker'] })
  expect((await stack.status()).drift).toEqual([])
})

it('a workflow stays with the version that began it, over a deploy, and ends there', SOON, async () => {
  expect(await version(versions.first)).toMatchObject({
    ...{ services: ['ecomweb_worker_previous'], running: 1 },
    pollers: expect.toSatisfy((count: number) => count > 0),
  })
  receiver.open()
  expect(await waiting.result()).toBe('told')
  expect(await executedBy(waiting)).toEqual([versions.first])
  expect((await stack.status()).drift).toEqual([])
})

it('a plain `docker compose up -d` changes nothing of it', SOON, async () => {
  await stack.compose(['up', '-d'])
  expect(await current()).toBe(versions.second)
  expect(await version(versions.first)).toMatchObject({ services: ['ecomweb_worker_previous'] })
})

it(
  'a rollback has the version before current at once, and leaves what began since to its own',
  SOON,
  async () => {
    receiver.shut()
    const handle = await waitingOrder()
    await stack.rollback()
    expect(await current()).toBe(versions.first)
    expect(await version(versions.first)).toMatchObject({ services: ['ecomweb_worker'] })
    expect(await version(versions.second)).toMatchObject({
      services: ['ecomweb_worker_previous'],
      running: 1,
    })
    receiver.open()
    expect(await handle.result()).toBe('told')
    expect(await executedBy(handle)).toEqual([versions.second])
    expect((await stack.status()).drift).toEqual([])
  },
)

it('a deploy hands over what still runs on the version that it takes the workers from', SOON, async () => {
  // The version before has workers and a workflow, and the deploy of another one needs their place.
  receiver.shut()
  const handle = await waitingOn(versions.second)
  const { code, output } = await stack.deploy(images.third)
  expect(code, output).toBe(0)
  expect(await version(versions.second)).toMatchObject({ services: [], running: 0 })
  receiver.open()
  expect(await handle.result()).toBe('told')
  expect((await executedBy(handle)).length).toBeGreaterThan(1)
})

it(
  'promote by hand makes a version current that has workers, and refuses one that has none',
  SOON,
  async () => {
    await stack.ecomweb(['workers', 'promote', versions.first])
    expect(await current()).toBe(versions.first)
    expect((await stack.status()).drift).toMatchObject([
      { kind: 'version', repair: './ecomweb workers promote' },
    ])
    await stack.ecomweb(['workers', 'promote'])
    expect(await current()).toBe(versions.third)
    const refused = await stack.ecomweb(['workers', 'promote', versions.second], { check: false })
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('nobody works for it')])
  },
)

it(
  'drain hands over the rest after its time-out, then ends the workers of the version before',
  SOON,
  async () => {
    receiver.shut()
    const handle = await waitingOn(versions.first)
    const drained = await stack.ecomweb(['workers', 'drain', '--timeout', '3s', '--json'])
    expect(JSON.parse(drained.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      changed: true,
      released: 1,
    })
    expect(stack.setting('WORKER_PREVIOUS_REPLICAS')).toBe('0')
    receiver.open()
    expect(await handle.result()).toBe('told')
    expect((await stack.status()).drift).toEqual([])
  },
)

it('by hand: workers of another image become current by themselves', SOON, async () => {
  const before = stack.setting('BACKGROUND_IMAGE')
  const id = await imageId(stack, images.second)
  await stack.shell(`export BACKGROUND_IMAGE=${id}\ndocker-compose up -d ecomweb_cron ecomweb_worker`)
  await waitUntil('their version is current', async () => (await current()) === versions.second)
  await stack.shell(`export BACKGROUND_IMAGE=${before}\ndocker-compose up -d ecomweb_cron ecomweb_worker`)
  await waitUntil('the version before is again', async () => (await current()) === versions.third)
})
