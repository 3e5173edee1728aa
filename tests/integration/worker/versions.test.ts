/** Workers of several versions on a real server of Temporal. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRefundWorkflow, TASK_QUEUE } from '../../../apps/core/temporal.ts'
import { bundleWorkflows } from '../../../apps/worker/bundle.ts'
import { CLEAN_UP_WORKFLOW } from '../../../apps/worker/duties.ts'
import { ORDER_WEBHOOK_WORKFLOW } from '../../../apps/worker/order-webhook/start.ts'
import { gateActivities } from '../../../apps/worker/release-gate/activities.ts'
import type { Report } from '../../../apps/worker/replay/histories.ts'
import { openDeployment } from '../../../apps/worker/versions/deployment.ts'
import { replayApart } from '../../../apps/worker/versions/replay.ts'
import { run } from '../../e2e/harness/process.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'
import { startTemporal, type Temporal } from './temporal.ts'
import {
  currentBuild,
  DEPLOYMENT,
  type RunningWorker,
  releaseBy,
  startWorker,
  untilCurrent,
  untilRegistered,
  versionOf,
} from './versioned-workers.ts'

const WITHOUT = 'without-versions'

const ROOT = join(import.meta.dirname, '../../..')

let own: OwnDatabase
let folder: string
let temporal: Temporal
let shipped: string
const workers = new Map<string, RunningWorker>()

beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  })
  folder = mkdtempSync(join(tmpdir(), 'versions-'))
  own = await ownDatabase()
  temporal = await startTemporal(
    `system.enableDeploymentVersions: [{ value: false, constraints: { namespace: ${WITHOUT} } }]`,
  )
  shipped = await bundleWorkflows()
}, 180_000)

afterAll(async () => {
  await Promise.all([...workers.values()].map((worker) => worker.stop()))
  await temporal?.stop()
  await own?.drop()
  rmSync(folder, { recursive: true })
})

const changed = () => shipped.replaceAll('removeOrphanedUploads', 'removeFiles')

/** Activities that say who did them; those of release `one` never get through with two of them. */
const activitiesOf = (buildId: string) => {
  const fails = () => {
    if (buildId === 'one') throw ApplicationFailure.create({ message: 'away', nextRetryDelay: '5 s' })
    return buildId
  }
  return {
    ...gateActivities(own.open('service', 1), buildId),
    beginRefund: async () => buildId,
    postOrderWebhook: async () => fails(),
    removeOrphanedUploads: async () => fails(),
    removeFiles: async () => buildId,
    forgetFinishedImports: async () => 0,
  }
}

async function work(buildId: string, code = shipped, options: { takesOver?: boolean } = {}) {
  const activities = activitiesOf(buildId)
  const worker = await startWorker({ temporal, buildId, code, activities, ...options })
  workers.set(buildId, worker)
  return worker
}

async function stop(buildId: string): Promise<void> {
  await workers.get(buildId)?.stop()
  workers.delete(buildId)
}

/** Who carries out a refund that the release starts. */
async function doneBy(id: string, buildId?: string): Promise<string> {
  await startRefundWorkflow(temporal.client, id, buildId === undefined ? undefined : versionOf(buildId))
  return temporal.client.workflow.result(`refund-${id}`)
}

const startPinned = (type: string, workflowId: string, buildId: string) =>
  temporal.client.workflow.start(type, {
    ...{ taskQueue: TASK_QUEUE, workflowId, args: [workflowId] },
    versioningOverride: { pinnedTo: versionOf(buildId) },
  })

test('on a fresh server the first worker becomes current, and what was started before it is done', async () => {
  const early = doneBy('early', 'one')
  await work('one')
  await untilCurrent(temporal, 'one')
  expect(await early).toBe('one')
  expect(await doneBy('by-a-worker')).toBe('one')
}, 60_000)

test('a second version registers beside it, gets what is pinned to it, and nothing else', async () => {
  await work('two', changed())
  await untilRegistered(temporal, 'two')
  await waitUntil('it takes what is pinned to it', async () => (await doneBy('pinned', 'two')) === 'two')
  expect(await doneBy('pinned-to-the-current', 'one')).toBe('one')
  expect(await doneBy('unpinned')).toBe('one')
  expect(await doneBy('of-nobody', 'unknown')).toBe('one')
  expect(await currentBuild(temporal)).toBe('one')
}, 60_000)

test('the gate shows that a version works before it is current', async () => {
  const gate = await startPinned('releaseGate', 'release-gate-1', 'two')
  expect(await gate.result()).toEqual({ build_id: 'two' })
}, 60_000)

test('as soon as the workers of the current version have ended, it takes over within seconds', async () => {
  await work('bystander', shipped, { takesOver: false })
  for (const [type, id] of [
    [ORDER_WEBHOOK_WORKFLOW, 'continued'],
    [CLEAN_UP_WORKFLOW, 'held-back'],
  ] as const)
    await startPinned(type, id, 'one')
  // And wait now: what is handed to a worker in the moment in which it ends comes back after its heartbeat's limit.
  await waitUntil('both have begun', async () => {
    const tried = ['continued', 'held-back'].map(async (id) => {
      const { raw } = await temporal.client.workflow.getHandle(id).describe()
      return (raw.pendingActivities?.[0]?.attempt ?? 0) > 1
    })
    return (await Promise.all(tried)).every((again) => again)
  })
  const before = performance.now()
  await stop('one')
  await untilCurrent(temporal, 'two')
  const seconds = (performance.now() - before) / 1000
  console.log(`taken over in ${seconds.toFixed(1)} s`)
  expect(seconds).toBeLessThan(30)
  expect(await doneBy('unpinned-again')).toBe('two')
}, 90_000)

test('workflows without workers are released if the current code can go on with them, else named', async () => {
  await startRefundWorkflow(temporal.client, 'not-begun', versionOf('one'))
  const two = workers.get('two') as RunningWorker
  const bundle = join(folder, 'two.js')
  writeFileSync(bundle, changed())
  const release = releaseBy(two, temporal, bundle)
  const result = (id: string) => temporal.client.workflow.result(id)
  const listed = `ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = '${DEPLOYMENT}:one'`
  await waitUntil('all are listed', async () => (await temporal.client.workflow.count(listed)).count === 3)
  await release.look()
  expect(await Promise.all([result('refund-not-begun'), result('continued')])).toEqual(['two', 'two'])
  const [error] = two.said.filter((text) => text.includes('waits for workers'))
  expect(error).toMatch(
    /^cleanUp held-back waits for workers of shop:one: shop:two cannot go on with it at event \d+ \(ActivityTaskScheduled\)/,
  )
  const said = two.said.length
  await release.look()
  expect(two.said.length).toBe(said)
  expect((await temporal.client.workflow.getHandle('held-back').describe()).status.name).toBe('RUNNING')
}, 60_000)

test('code that never ends is stopped, and is to blame alone', async () => {
  const begins = 'async function cleanUp(_day) {'
  expect(shipped).toContain(begins)
  const bundle = join(folder, 'endless.js')
  writeFileSync(bundle, shipped.replace(begins, `${begins} for (;;) {}`))
  const { runId } = await temporal.client.workflow.getHandle('held-back').describe()
  const replayed = await replayApart(
    [{ type: CLEAN_UP_WORKFLOW, workflowId: 'held-back', runId, closed: false }],
    {
      ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace, bundle },
      ...{ limitMs: 5000, signal: new AbortController().signal },
    },
  )
  const named = { type: CLEAN_UP_WORKFLOW, workflow_id: 'held-back', run_id: runId }
  expect(replayed).toEqual({ passed: [], failed: [{ ...named, message: 'it never ends' }] })
}, 60_000)

test('what is pinned to one build can be replayed alone', async () => {
  const { address, namespace } = temporal
  const env = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_DEPLOYMENT_NAME: DEPLOYMENT,
  }
  const replay = async (...args: string[]) => {
    const command = ['apps/worker/replay.ts', ...args]
    const ended = await run('node', command, { cwd: ROOT, env, check: false })
    return { ...ended, report: (ended.stdout ? JSON.parse(ended.stdout) : {}) as Report }
  }
  const one = await replay('--build-id', 'one')
  expect(one).toMatchObject({ code: 0, stderr: '', report: { histories: 1, failures: [], warnings: [] } })
  expect(one.report.types).toMatchObject([{ type: CLEAN_UP_WORKFLOW, running: 1, replayed: 1 }])
  expect((await replay('--build-id', 'two')).report).toMatchObject({ histories: 0, types: [] })
  expect(await replay('--build-id', '')).toMatchObject({ code: 2, stdout: '' })
}, 60_000)

test('a version that works again goes on with what was left to it', async () => {
  await work('one')
  await waitUntil('it is tried again', async () => {
    const { raw } = await temporal.client.workflow.getHandle('held-back').describe()
    const [pending] = raw.pendingActivities ?? []
    if (pending?.lastWorkerIdentity !== workers.get('one')?.identity) throw new Error(JSON.stringify(pending))
    return true
  })
  expect(await currentBuild(temporal)).toBe('two')
}, 90_000)

test('where the server does not know versions, workers and starts are as without them', async () => {
  const { address } = temporal
  const { connection } = temporal.client
  await connection.workflowService.registerNamespace({
    ...{ namespace: WITHOUT, workflowExecutionRetentionPeriod: { seconds: 86_400 as never } },
  })
  const client = new Client({ connection, namespace: WITHOUT })
  const known = openDeployment(client, versionOf('one'), 'me')
  await waitUntil('the namespace is there', async () => !(await known.isKnown()))
  const worker = await startWorker({
    ...{ temporal: { address, namespace: WITHOUT, client }, buildId: 'simple', code: shipped },
    activities: activitiesOf('simple'),
  })
  try {
    expect(worker.said).toEqual([expect.stringContaining('this Temporal knows no versions of workers')])
    await startRefundWorkflow(client, 'simple', versionOf('simple'))
    expect(await client.workflow.result('refund-simple')).toBe('simple')
  } finally {
    await worker.stop()
  }
}, 60_000)
