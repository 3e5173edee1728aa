/**
 * REPLAY_COMMAND of the image: replays what runs on Temporal now, with the workflows of this image. Prints a `Report` and
 * exits with 0; with 1 if a workflow that runs could not go on; with 2 if nothing can be said, the reason being on
 * standard error. The environment is that of a worker; it writes nowhere.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Client } from '@temporalio/client'
import { explainUnreachable } from '../core/tcp.ts'
import { connectClient } from '../core/temporal.ts'
import { connectTemporal } from '../core/temporal-connection.ts'
import { describeTemporalError } from '../core/temporal-ready.ts'
import { versionOf } from '../core/worker-version.ts'
import { fetchFrom, isAbsent } from './replay/fetch.ts'
import type { Report } from './replay/histories.ts'
import { type Sample, type SampleLimits, sample } from './replay/sample.ts'
import { watchdog } from './replay/watchdog.ts'
import { pinnedToVersion } from './versions/pinned.ts'

const AGAIN_MS = 1000
const NOTHING: Sample = { types: [], executions: [] }
/** What a history that was begun in time may take longer. */
const LAST_MS = 10_000

type Limits = SampleLimits & { historyBytes: number; limitMs: number }

const limits = parse(process.argv.slice(2))
const begun = performance.now()
const over = () => performance.now() - begun > limits.limitMs
const alive = watchdog(limits.limitMs + LAST_MS)

try {
  const client = await connect()
  const report = await gate(client)
  await client.connection.close()
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(report.failures.length > 0 ? 1 : 0))
} catch (error) {
  giveUp(describeTemporalError(error))
}

function parse(args: string[]): Limits {
  const option = { type: 'string' } as const
  const options = {
    'per-type': option,
    'closed-within-ms': option,
    'history-bytes': option,
    'limit-ms': option,
    'build-id': option,
  }
  try {
    const { values } = parseArgs({ args, options })
    const only = onlyOf(values['build-id'])
    const number = (name: keyof typeof options, standard: number) => {
      const value = Number(values[name] ?? standard)
      if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} should be a number`)
      return value
    }
    return {
      perType: number('per-type', 20),
      closedWithinMs: number('closed-within-ms', 86_400_000),
      historyBytes: number('history-bytes', 10_000_000),
      limitMs: number('limit-ms', 30_000),
      ...(only !== undefined && { only }),
    }
  } catch (error) {
    return giveUp((error as Error).message)
  }
}

/** Those that only workers of that build execute. */
function onlyOf(buildId: string | undefined): string | undefined {
  if (buildId === undefined) return undefined
  const { TEMPORAL_DEPLOYMENT_NAME } = process.env
  const version = versionOf({ TEMPORAL_DEPLOYMENT_NAME, TEMPORAL_WORKER_BUILD_ID: buildId })
  if (!version) throw new Error('--build-id needs a build id, and TEMPORAL_DEPLOYMENT_NAME')
  return pinnedToVersion(version)
}

function giveUp(why: string): never {
  process.stderr.write(`replay: ${why}\n`)
  process.exit(2)
}

/** Temporal may be away for a moment. */
async function connect(): Promise<Client> {
  const address = process.env.TEMPORAL_ADDRESS
  if (!address) return giveUp('TEMPORAL_ADDRESS is not set')
  for (let said = ''; ; await sleep(AGAIN_MS)) {
    const missing = await reach(address)
    if (missing === undefined) break
    const text = `Temporal at ${address}: ${missing}`
    if (over()) return giveUp(text)
    if (text !== said) process.stderr.write(`waiting: ${text}\n`)
    said = text
  }
  return connectClient({
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: process.env.TEMPORAL_NAMESPACE || 'default',
  })
}

async function reach(address: string): Promise<string | undefined> {
  const unreachable = await explainUnreachable(address, AGAIN_MS)
  if (unreachable) return unreachable
  try {
    await (await connectTemporal(address, 2 * AGAIN_MS)).close()
    return undefined
  } catch (error) {
    return describeTemporalError(error)
  }
}

async function gate(client: Client): Promise<Report> {
  const deadline = Date.now() + limits.limitMs - elapsed()
  const found = await client
    .withDeadline(deadline, () => sample(client.workflow, limits, new Date()))
    .catch((error) => {
      // Where there is no namespace yet, nothing runs in it.
      if (isAbsent(error)) return NOTHING
      throw error
    })
  const report = { types: [], histories: 0, failures: [], warnings: [] }
  if (found.executions.length === 0) return { ...report, ms: elapsed() }
  // A quarter of a second, only for those who need it.
  const [{ replayHistories }, { DefaultLogger, Runtime }, { workflowCode }] = await Promise.all([
    import('./replay/histories.ts'),
    import('@temporalio/worker'),
    import('./workflow-code.ts'),
  ])
  // What it finds is in the report.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  })
  const fetch = fetchFrom(client, { mostBytes: limits.historyBytes, deadline, over })
  const onReplay = ({ type, workflowId }: { type: string; workflowId: string }) =>
    alive(`${type} ${workflowId}`)
  const replayed = await replayHistories({ sample: found, fetch, code: workflowCode(), over, onReplay })
  return { ...replayed, ms: elapsed() }
}

function elapsed(): number {
  return Math.round(performance.now() - begun)
}
