import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ApplicationFailure } from '@temporalio/common'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importFile } from '../../../apps/core/product-imports.ts'
import { TASK_QUEUE } from '../../../apps/core/temporal.ts'
import { backlog, failedWorkflows } from '../../../apps/worker/alerts/readings.ts'
import { bundleWorkflows } from '../../../apps/worker/bundle.ts'
import { CLEAN_UP_WORKFLOW, IMPORT_WORKFLOW, startOnce } from '../../../apps/worker/duties.ts'
import { ORDER_WEBHOOK_WORKFLOW, startOrderWebhook } from '../../../apps/worker/order-webhook/start.ts'
import { importActivities } from '../../../apps/worker/product-import/activities.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'
import { startTemporal, type Temporal } from './temporal.ts'

let own: OwnDatabase
let temporal: Temporal
let bundle: { code: string }
let folder: string

beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  })
  own = await ownDatabase()
  folder = await mkdtemp(join(tmpdir(), 'imports-'))
  temporal = await startTemporal()
  bundle = { code: await bundleWorkflows() }
}, 120_000)

afterAll(async () => {
  await temporal?.stop()
  await own?.drop()
  await rm(folder, { recursive: true })
})

/** Runs a worker with these activities while something happens. */
async function working<T>(activities: object, happens: () => Promise<T>): Promise<T> {
  const connection = await NativeConnection.connect({ address: temporal.address })
  const { namespace } = temporal
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue: TASK_QUEUE, workflowBundle: bundle, activities },
  })
  try {
    return await worker.runUntil(happens)
  } finally {
    await connection.close()
  }
}

const values = async (source: { read(now: Date): Promise<{ alert: string; value: number }[]> }) =>
  Object.fromEntries((await source.read(new Date())).map(({ alert, value }) => [alert, value]))

test('tasks that no worker takes are a backlog, which is gone when one does', async () => {
  const source = backlog(temporal.client, temporal.namespace)
  expect(await values(source)).toEqual({ 'backlog.tasks': 0, 'backlog.age': 0 })
  const days = ['2026-01-01', '2026-01-02', '2026-01-03']
  const start = startOnce(temporal.client, CLEAN_UP_WORKFLOW, 'clean-up')
  for (const day of days) expect(await start(day)).toBe('started')
  await waitUntil('the tasks are counted', async () => (await values(source))['backlog.tasks'] === 3)
  await waitUntil('the oldest has waited', async () => ((await values(source))['backlog.age'] ?? 0) > 0)
  const activities = { removeOrphanedUploads: async () => 2, forgetFinishedImports: async () => 1 }
  const results = await working(activities, () =>
    Promise.all(days.map((day) => temporal.client.workflow.result(`clean-up-${day}`))),
  )
  expect(results).toEqual(Array(3).fill({ uploads: 2, imports: 1 }))
  await waitUntil('the backlog is gone', async () => (await values(source))['backlog.tasks'] === 0)
  expect(await start('2026-01-01')).toBe('closed')
})

test('a workflow that fails is counted', async () => {
  const source = failedWorkflows(temporal.client)
  expect(await values(source)).toEqual({ 'workflows.failed': 0 })
  const postOrderWebhook = async () => {
    throw ApplicationFailure.nonRetryable('there is no such order')
  }
  await working({ postOrderWebhook }, async () => {
    await startOrderWebhook(temporal.client, 'order-1')
    await expect(temporal.client.workflow.result('order-webhook-order-1')).rejects.toThrow()
  })
  await waitUntil('it is counted', async () => (await values(source))['workflows.failed'] === 1)
})

test('an order is told of again until the receiver takes it, and once only', async () => {
  const tried: string[] = []
  const postOrderWebhook = async (id: string) => {
    tried.push(id)
    if (tried.length < 3) throw ApplicationFailure.create({ message: 'away', nextRetryDelay: '50 ms' })
    return 'told'
  }
  await working({ postOrderWebhook }, async () => {
    for (const _ of [1, 2]) await startOrderWebhook(temporal.client, 'order-2')
    expect(await temporal.client.workflow.result('order-webhook-order-2')).toBe('told')
    await startOrderWebhook(temporal.client, 'order-2')
  })
  expect(tried).toEqual(Array(3).fill('order-2'))
  expect(ORDER_WEBHOOK_WORKFLOW).toBe('sendOrderWebhook')
})

test('an import goes on where it was when its activity failed, and an unreadable one ends with the reason', async () => {
  const aTable = async (text: string) => {
    const id = randomUUID()
    await mkdir(dirname(importFile(folder, id)), { recursive: true })
    await writeFile(importFile(folder, id), text)
    await own.sql('INSERT INTO product_imports (id, bytes) VALUES ($1, 1)', [id])
    return id
  }
  const rows = Array.from({ length: 50 }, (_, at) => `Imported ${at},,1,1,things`).join('\n')
  const good = await aTable(`name,description,price,stock,category\n${rows}`)
  const bad = await aTable('name\nx')
  let batches = 0
  const activities = importActivities({
    ...{ database: own.open('service', 2), uploads: folder, batchRows: 10, changed: async () => {} },
    progress: () => {
      batches += 1
      if (batches === 2) throw new Error('the database went away')
    },
  })
  const start = startOnce(temporal.client, IMPORT_WORKFLOW, 'product-import', true)
  await working(activities, async () => {
    await Promise.all([start(good), start(bad)])
    const result = (id: string) => temporal.client.workflow.result(`product-import-${id}`)
    expect(await Promise.all([result(good), result(bad)])).toEqual([50, 0])
  })
  const [imported] = await own.sql(
    'SELECT status, rows, created, updated FROM product_imports WHERE id = $1',
    [good],
  )
  expect(imported).toEqual({ status: 'finished', rows: 50, created: 50, updated: 0 })
  const [failed] = await own.sql('SELECT status, failure FROM product_imports WHERE id = $1', [bad])
  expect(failed).toEqual({
    status: 'failed',
    failure: 'the first row lacks the columns description, price, stock, category',
  })
})
