/** What the image's REPLAY_COMMAND says about workflows on a real server of Temporal. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApplicationFailure } from '@temporalio/common'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TASK_QUEUE } from '../../../apps/core/temporal.ts'
import { bundleWorkflows } from '../../../apps/worker/bundle.ts'
import { CLEAN_UP_WORKFLOW, startOnce } from '../../../apps/worker/duties.ts'
import { ORDER_WEBHOOK_WORKFLOW, startOrderWebhook } from '../../../apps/worker/order-webhook/start.ts'
import type { Report } from '../../../apps/worker/replay/histories.ts'
import { readWork } from '../../../scripts/status/temporal.ts'
import { run } from '../../e2e/harness/process.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { startTemporal, type Temporal } from './temporal.ts'

const ROOT = join(import.meta.dirname, '../../..')

let temporal: Temporal
let shipped: string
const folders: string[] = []

beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  })
  temporal = await startTemporal()
  shipped = await bundleWorkflows()
}, 180_000)

afterAll(async () => {
  await temporal?.stop()
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** The files of an image with these workflows, as far as they matter here. */
function imageOf(bundle: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-'))
  folders.push(folder)
  for (const part of ['apps/worker', 'apps/core'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'build'))
  writeFileSync(join(folder, 'build/workflow-bundle.js'), bundle)
  return folder
}

async function replayed(cwd: string, args: string[] = [], env: Record<string, string> = {}) {
  const { address, namespace } = temporal
  const ended = await run('node', ['apps/worker/replay.ts', ...args], {
    cwd,
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, ...env },
    check: false,
  })
  return { ...ended, report: (ended.stdout ? JSON.parse(ended.stdout) : {}) as Report }
}

/** Workflows that have begun and wait for an answer that does not come; and one that is over. */
async function someRun(count: number): Promise<void> {
  const { address, namespace, client } = temporal
  const connection = await NativeConnection.connect({ address })
  let tried = 0
  const activities = {
    postOrderWebhook: async () => {
      tried += 1
      throw ApplicationFailure.create({ message: 'away', nextRetryDelay: '1 hour' })
    },
    removeOrphanedUploads: async () => 0,
    forgetFinishedImports: async () => 0,
  }
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue: TASK_QUEUE, workflowBundle: { code: shipped }, activities },
  })
  await worker.runUntil(async () => {
    for (let at = 0; at < count; at += 1) await startOrderWebhook(client, `replayed-${at}`)
    await startOnce(client, CLEAN_UP_WORKFLOW, 'clean-up')('2026-02-02')
    await client.workflow.result('clean-up-2026-02-02')
    await waitUntil('all have begun', () => tried === count)
    const query = `WorkflowType = '${CLEAN_UP_WORKFLOW}' AND ExecutionStatus = 'Completed'`
    await waitUntil('it is listed', async () => (await client.workflow.count(query)).count === 1)
  })
  await connection.close()
}

test('a namespace in which nothing runs, or that is not there yet, stands against no release', async () => {
  const image = imageOf(shipped)
  expect(await replayed(image)).toMatchObject({ code: 0, report: { histories: 0, failures: [] } })
  const absent = await replayed(image, [], { TEMPORAL_NAMESPACE: 'not-yet' })
  expect(absent).toMatchObject({ code: 0, report: { histories: 0, failures: [] } })
}, 60_000)

test('a release is told from one that cannot go on with what runs', async () => {
  await someRun(7)
  const waiting = () => startOnce(temporal.client, 'makePictureSizes', 'picture')('not-begun')
  expect(await waiting()).toBe('started')

  const good = await replayed(imageOf(shipped), ['--per-type', '4'])
  expect(good.stderr).toBe('')
  expect(good).toMatchObject({ code: 0, report: { histories: 5, failures: [], warnings: [] } })
  expect(good.report.types).toEqual(
    expect.arrayContaining([
      { type: ORDER_WEBHOOK_WORKFLOW, running: 7, replayed: 4, not_begun: 0, left_out: 0 },
      { type: 'makePictureSizes', running: 1, replayed: 0, not_begun: 1, left_out: 0 },
      { type: CLEAN_UP_WORKFLOW, running: 0, replayed: 1, not_begun: 0, left_out: 0 },
    ]),
  )
  console.log(`5 histories replayed in ${good.report.ms} ms`)

  const changed = shipped
    .replaceAll('postOrderWebhook', 'postAgain')
    .replaceAll('forgetFinishedImports', 'forget')
  const bad = await replayed(imageOf(changed), ['--per-type', '4'])
  expect(bad.code).toBe(1)
  expect(bad.report.failures).toHaveLength(4)
  expect(bad.report.failures[0]).toMatchObject({
    type: ORDER_WEBHOOK_WORKFLOW,
    workflow_id: expect.stringMatching(/^order-webhook-replayed-/),
    event: { id: 5, type: 'ActivityTaskScheduled' },
    message: expect.stringMatching(/'postOrderWebhook' does not match .*'postAgain'/),
  })
  expect(bad.report.warnings).toMatchObject([{ type: CLEAN_UP_WORKFLOW }])
}, 120_000)

test('what is too large, and what comes when time is over, is left out and counted', async () => {
  const small = await replayed(imageOf(shipped), ['--per-type', '4', '--history-bytes', '10'])
  expect(small).toMatchObject({ code: 0, report: { histories: 0, failures: [] } })
  const webhooks = small.report.types.find(({ type }) => type === ORDER_WEBHOOK_WORKFLOW)
  expect(webhooks).toEqual({
    type: ORDER_WEBHOOK_WORKFLOW,
    running: 7,
    replayed: 0,
    not_begun: 0,
    left_out: 4,
  })
}, 60_000)

test('a workflow that never comes to an end does not hold a deploy up for ever', async () => {
  const begins = 'async function sendOrderWebhook(orderId) {'
  expect(shipped).toContain(begins)
  const endless = await replayed(imageOf(shipped.replace(begins, `${begins} for (;;) {}`)), [
    // Enough for a busy machine to begin: what does not begin in time is left out, which is no failure.
    '--limit-ms',
    '12000',
  ])
  expect(endless).not.toMatchObject({ code: 0 })
  expect(endless.stderr + JSON.stringify(endless.report)).toMatch(/sendOrderWebhook/)
}, 60_000)

test('without Temporal, or with a limit that is none, nothing is said about a release', async () => {
  const image = imageOf(shipped)
  const gone = await replayed(image, ['--limit-ms', '1500'], { TEMPORAL_ADDRESS: '127.0.0.1:9' })
  expect(gone).toMatchObject({ code: 2, stdout: '' })
  expect(gone.stderr).toMatch(/^replay: Temporal at 127\.0\.0\.1:9: connection refused/m)
  expect(await replayed(image, ['--per-type', 'many'])).toMatchObject({ code: 2, stdout: '' })
}, 60_000)

test('the kit sees what waits and what runs', async () => {
  const { address, namespace } = temporal
  await waitUntil('the task is counted', async () => {
    const { queues } = await readWork(address, namespace, TASK_QUEUE)
    return queues.find(({ kind }) => kind === 'workflow')?.tasks === 1
  })
  const { running } = await readWork(address, namespace, TASK_QUEUE)
  expect(running).toEqual([
    { type: ORDER_WEBHOOK_WORKFLOW, count: 7 },
    { type: 'makePictureSizes', count: 1 },
  ])
})
