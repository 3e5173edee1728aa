/** A worker that ends leaves nothing behind that Temporal takes for begun. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ActivitySlots, tuning } from '../../../apps/worker/slots.ts'
import { startTemporal, type Temporal } from './temporal.ts'

const QUEUE = 'busy'
const [LANES, CHANGES] = [10, 12]
/** PENDING_ACTIVITY_STATE_STARTED of Temporal's API. */
const STARTED = 2

let temporal: Temporal
let workflowBundle: { code: string }

beforeAll(async () => {
  const logger = new DefaultLogger('ERROR')
  Runtime.install({ logger, telemetryOptions: { logging: { forward: {}, filter: 'OFF' } } })
  const workflowsPath = join(import.meta.dirname, 'busy-workflow.ts')
  ;[temporal, workflowBundle] = await Promise.all([
    startTemporal(),
    bundleWorkflowCode({ workflowsPath, logger }),
  ])
}, 120_000)

afterAll(async () => {
  await temporal?.stop()
})

async function startWorker(): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: temporal.address })
  const slots = new ActivitySlots(20)
  const worker = await Worker.create({
    ...{ connection, namespace: temporal.namespace, taskQueue: QUEUE, workflowBundle },
    activities: { work: () => sleep(30) },
    shutdownGraceTime: 5000,
    ...tuning(slots),
  })
  const running = worker.run()
  return async () => {
    await slots.drain(5000)
    worker.shutdown()
    await running
    await connection.close()
  }
}

test('of workers that end one after the other under load, none takes a task that it does not run', async () => {
  const { client } = temporal
  let count = 0
  let over = false
  const lane = async () => {
    while (!over) {
      count += 1
      await client.workflow.execute('busy', { taskQueue: QUEUE, workflowId: `busy-${count}` }).catch(() => {})
    }
  }
  const lanes = Array.from({ length: LANES }, lane)
  let end = await startWorker()
  for (let change = 0; change < CHANGES; change += 1) {
    const before = count
    while (count < before + LANES) await sleep(20)
    const next = await startWorker()
    await end()
    end = next
  }
  await end()
  over = true

  const begun: string[] = []
  for (let number = 1; number <= count; number += 1) {
    const handle = client.workflow.getHandle(`busy-${number}`)
    const { raw, status } = await handle.describe()
    if (status.name !== 'RUNNING') continue
    begun.push(
      ...(raw.pendingActivities ?? [])
        .filter(({ state }) => Number(state) === STARTED)
        .map(() => handle.workflowId),
    )
    await handle.terminate()
  }
  await Promise.all(lanes)
  expect(begun).toEqual([])
}, 120_000)
