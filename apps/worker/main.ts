/** A worker process: executes the workflows and activities of orders until it is told to stop. */
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DefaultLogger,
  type LogEntry,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker'
import { openDatabase } from '../core/database.ts'
import { type Env, readEnvOrExit } from '../core/env.ts'
import { keepFeedSchedule } from '../core/feed/temporal.ts'
import { type Log, openLog } from '../core/log.ts'
import { announceReady } from '../core/ready-file.ts'
import { openRedis } from '../core/redis.ts'
import { explainUnreachable } from '../core/tcp.ts'
import { connectClient, startOrderWorkflow, startRefundWorkflow, TASK_QUEUE } from '../core/temporal.ts'
import { openBackground } from './background.ts'
import { keepTrying } from './keep-trying.ts'
import { ActivitySlots, tuning } from './slots.ts'
import { OrderSweeper } from './sweeper.ts'
import { openOrders, owedOrders } from './unfinished.ts'
import { openVersions } from './versions/keep.ts'
import { workflowCode } from './workflow-code.ts'

const SWEEP_MS = 5000
const RECONNECT_MS = 1000
/** Part of the grace that PM2 and Compose give beyond Temporal's limits. */
const DRAIN_MS = 2000
/** Processes of all containers tell each other apart by it. */
const identity = `${process.pid}@${hostname()}`

const env = readEnvOrExit()
const log = openLog(env)
installRuntime(log)

const database = openDatabase(env, log, 'service')
const redis = openRedis(env, log)
const client = connectClient(env)
const background = openBackground(env, { database, redis, client, log })
const sweeper = new OrderSweeper({
  open: (before, after, limit) => openOrders(database, before, after, limit),
  owed: (after, limit) => owedOrders(database, after, limit),
  start: (orderId, again) => startOrderWorkflow(client, orderId, again),
  refund: (orderId) => startRefundWorkflow(client, orderId),
  log,
})

try {
  const connection = await connect(env, log)
  const versions = await openVersions(env, { client, identity, log })
  const slots = new ActivitySlots(env.DATABASE_POOL * 2)
  const worker = await Worker.create({ ...workerOptions(connection, slots), ...versions?.options })
  const sweeping = setInterval(() => void sweeper.sweep(), SWEEP_MS * (0.8 + 0.4 * Math.random()))
  void keepTrying('the schedule of the data feed', () => keepFeedSchedule(client, env), log)
  background.start()
  const endVersions = versions?.start()
  const running = worker.run() // ends once activities have ended
  endOnSignal(async () => {
    await slots.drain(DRAIN_MS)
    worker.shutdown()
  })
  const withdraw = announceReady()
  log.info({ taskQueue: TASK_QUEUE }, 'worker started: waiting for orders')
  await running
  withdraw()
  clearInterval(sweeping)
  endVersions?.()
  await background.stop()
  await connection.close()
  await closeAll()
  log.info('worker stopped: nothing is left running')
  process.exit(0)
} catch (error) {
  // PM2 starts the process again, with growing pauses; Temporal hands its tasks to another worker.
  log.fatal({ err: error }, 'worker failed')
  process.exit(1)
}

function workerOptions(connection: NativeConnection, slots: ActivitySlots): WorkerOptions {
  return {
    connection,
    namespace: env.TEMPORAL_NAMESPACE,
    ...{ taskQueue: TASK_QUEUE, identity },
    ...workflowCode(),
    activities: background.activities,
    // grace < force < PM2's kill_timeout < Compose's stop_grace_period, which `./ecomweb doctor` checks
    shutdownGraceTime: env.TEMPORAL_SHUTDOWN_GRACE_MS,
    shutdownForceTime: env.TEMPORAL_SHUTDOWN_FORCE_MS,
    // Orders end within a moment: few stay in memory, and as many activities as the pool has connections for.
    maxCachedWorkflows: 100,
    ...tuning(slots),
  }
}

/** The first signal to end has that done; what follows changes nothing. */
function endOnSignal(end: () => Promise<void>): void {
  let ending = false
  const onSignal = () => {
    if (!ending) void end()
    ending = true
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
}

/** Keeps trying: Temporal may be away for longer than the start-up script waits, or go between the two. */
async function connect({ TEMPORAL_ADDRESS }: Env, log: Log): Promise<NativeConnection> {
  for (let said = false; ; said = true) {
    try {
      const connection = await NativeConnection.connect({ address: TEMPORAL_ADDRESS })
      log.info(`connected to Temporal at ${TEMPORAL_ADDRESS}`)
      return connection
    } catch (error) {
      const why = (await explainUnreachable(TEMPORAL_ADDRESS, RECONNECT_MS)) ?? (error as Error).message
      if (!said) log.warn(`waiting for Temporal at ${TEMPORAL_ADDRESS}: ${why}`)
      await sleep(RECONNECT_MS)
    }
  }
}

async function closeAll(): Promise<void> {
  await Promise.allSettled([client.connection.close(), database.$disconnect()])
  redis.disconnect()
}

/** Sends what Temporal's library has to say through the log of the application. */
function installRuntime(log: Log): void {
  const logger = new DefaultLogger('WARN', ({ level, message, meta }: LogEntry) => {
    log[level === 'ERROR' ? 'error' : 'warn'](meta ?? {}, `temporal: ${message}`)
  })
  // Signals end the worker by way of endOnSignal.
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
  })
}
