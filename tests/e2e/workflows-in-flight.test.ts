/**
 * Workflows that are under way while versions come and go: each ends on code that can go on with it, once. Takes
 * twenty minutes: only with `./ecomweb test --chaos all`; of the same, worker-versions.test.ts has one workflow of each kind in
 * every run.
 */
import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { restore } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { WHOLE } from './harness/draw.ts'
import { buildImage } from './harness/images.ts'
import { placeOrders } from './harness/place.ts'
import { type Receiver, startReceiver } from './harness/receiver.ts'
import { openTemporal } from './harness/temporal.ts'
import { waitUntil } from './harness/wait.ts'
import { tellOfOrders } from './harness/webhook.ts'

const [ORDERS, DEPLOYS, AGAIN_S] = [1000, 10, 30]
const LONG_MS = 40 * 60_000

const WORKFLOW = 'sendOrderWebhook'
const RUNNING = `ExecutionStatus = 'Running' AND WorkflowType = '${WORKFLOW}'`
const EMAIL = `in-flight-${randomUUID()}@example.com`

let silence: (() => void) | undefined
let receiver: Receiver
let client: Client

beforeAll(async () => {
  await restore(stack)
  receiver = await startReceiver(stack, AGAIN_S)
  silence = tellOfOrders(stack, receiver.url)
  await stack.compose(['up', '-d', '--no-deps', 'ecomweb_worker'])
  client = await openTemporal(stack)
})

afterAll(async () => {
  silence?.()
  receiver?.close()
  // What a failure left would fail in every deploy of the files that follow.
  const left = client?.workflow.list({
    query: RUNNING,
  })
  for await (const { workflowId } of left ?? []) await client.workflow.getHandle(workflowId).terminate()
  await client?.connection.close()
  await restore(stack)
})

/** Ids of the orders of this test. */
const placed = async (): Promise<string[]> =>
  (await stack.rows<{ id: string }>(`SELECT id FROM orders WHERE email = '${EMAIL}'`)).map(({ id }) => id)

const running = async (): Promise<number> => (await client.workflow.count(RUNNING)).count

type Story = { status: string; failedTasks: number; versions: string[] }

/** How the workflow of an order went: its status, tasks that failed, and the versions that it ran on. */
async function storyOf(order: string): Promise<Story> {
  const handle = client.workflow.getHandle(`order-webhook-${order}`)
  const [{ status }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()])
  const versions = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: done }) => {
    const build = done?.deploymentVersion?.buildId
    return build ? [build] : []
  })
  return {
    status: status.name,
    failedTasks: (events ?? []).filter(({ workflowTaskFailedEventAttributes: failed }) => failed).length,
    versions: [...new Set(versions)],
  }
}

it.runIf(WHOLE)(
  `of ${ORDERS} workflows under way during ${DEPLOYS} deploys and ${DEPLOYS / 2} rollbacks each completes, none fails, nothing happens twice`,
  async () => {
    const rounds = DEPLOYS + DEPLOYS / 2 + 1
    const share = Math.ceil(ORDERS / rounds)
    let count = 0
    const place = async () => {
      const before = await running()
      const now = Math.min(share, ORDERS - count)
      await placeOrders(stack, now, EMAIL)
      count += now
      await waitUntil('the workflows of the new orders run', async () => (await running()) === before + now)
    }

    await place()
    for (let deploy = 0; deploy < DEPLOYS; deploy += 1) {
      // Of the first release on, all have the changed workflow.
      const { code, output } = await stack.deploy(await buildImage(stack, `p-${deploy}`))
      expect(code, output).toBe(0)
      await place()
      // Back to a release without the change, too: what has begun with it cannot go on there.
      if (deploy % 2 === 0) {
        await stack.rollback()
        await place()
      }
    }
    expect(count).toBe(ORDERS)
    expect(await running()).toBe(ORDERS)
    expect(receiver.taken.size).toBe(0)

    receiver.open()
    await waitUntil('all have ended', async () => (await running()) === 0, { timeoutMs: LONG_MS / 4 })
    const orders = await placed()
    expect(orders).toHaveLength(ORDERS)
    const stories: Story[] = []
    for (const order of orders) stories.push(await storyOf(order))

    expect(new Set(stories.map(({ status }) => status))).toEqual(new Set(['COMPLETED']))
    expect(stories.filter(({ failedTasks }) => failedTasks > 0)).toEqual([])
    expect(new Set(stories.flatMap(({ versions }) => versions)).size).toBeGreaterThan(DEPLOYS / 2)
    const deliveries = [...receiver.taken].toSorted()
    expect(deliveries).toEqual(orders.map((id) => [`order.completed.${id}`, 1]).toSorted())
    const twice = `SELECT id FROM orders WHERE email = '${EMAIL}' AND (completions <> 1 OR status <> 'completed')`
    expect(await stack.rows(twice)).toEqual([])
  },
  LONG_MS,
)
