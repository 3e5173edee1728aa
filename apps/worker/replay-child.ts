/**
 * Replays the workflows on standard input, a list of `Execution`, with the workflows of this release or of the bundle that
 * the second argument names. The first is the milliseconds after which it begins no further one. Prints `begun RUN` before each and at last a `Replayed`. A process of its own, since a workflow
 * that never ends would stop everything else in a worker; this one is then killed, which standard error says.
 */
import { text } from 'node:stream/consumers'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { connectClient } from '../core/temporal.ts'
import { fetchFrom } from './replay/fetch.ts'
import { replayHistories } from './replay/histories.ts'
import type { Execution } from './replay/sample.ts'
import { watchdog } from './replay/watchdog.ts'
import type { Replayed } from './versions/replay.ts'
import { workflowCode } from './workflow-code.ts'

const MOST_BYTES = 10_000_000
/** What a history that was begun in time may take longer. */
const LAST_MS = 10_000

const [limit, bundle] = process.argv.slice(2)
const limitMs = Number(limit)
const alive = watchdog(limitMs + LAST_MS)
const { TEMPORAL_ADDRESS = '', TEMPORAL_NAMESPACE = 'default' } = process.env
const executions = JSON.parse(await text(process.stdin)) as Execution[]
Runtime.install({
  logger: new DefaultLogger('ERROR', () => {}),
  telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
})

const deadline = Date.now() + limitMs
const over = () => Date.now() > deadline
const client = connectClient({ TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE })
const fetch = fetchFrom(client, { mostBytes: MOST_BYTES, deadline, over })
const fetched = new Set<string>()

const { failures } = await replayHistories({
  sample: { types: [], executions },
  code: bundle ? { workflowBundle: { codePath: bundle } } : workflowCode(),
  over,
  async fetch(execution) {
    const history = await fetch(execution)
    if (history) fetched.add(execution.runId)
    return history
  },
  onReplay({ type, workflowId, runId }) {
    process.stdout.write(`begun ${runId}\n`)
    alive(`${type} ${workflowId}`)
  },
})

for (const { run_id } of failures) fetched.delete(run_id)
const replayed: Replayed = { passed: [...fetched], failed: failures }
process.stdout.write(`${JSON.stringify(replayed)}\n`, () => process.exit(0))
