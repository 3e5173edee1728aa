import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '@temporalio/client'
import { connectLater } from '../apps/core/temporal-connection.ts'
import { composeUp } from '../scripts/docker/compose.ts'
import { containersOf } from '../scripts/docker/containers.ts'
import { KitError } from '../scripts/errors.ts'
import { median } from '../scripts/output/table.ts'
import type { Runner } from '../scripts/run.ts'
import { editEnvFile } from '../scripts/settings/env-file.ts'
import { measure } from './program.ts'
import { containerOf, runningStack } from './stack.ts'
import { type Receiver, startReceiver } from './workers/receiver.ts'

const WORKER = 'ecomweb_worker'
/** What the first and the last do is left out: they meet workers that start, or find others idle. */
const MIDDLE = [0.2, 0.8] as const
const LIMIT_MS = 5 * 60_000
const FILES = ['.env', '.env.api'] as const

await measure({
  name: 'workers',
  about: `Measures how many workflows a second 1, 2 and 4 workers bring to their end when what they do is to wait: each tells
a server of an order, which answers after a while. The workers of the stack get the webhook's address for that and
one process each, so that four of them wait for answers and not for processors, and are recreated; .env and .env.api are
put back at the end, and the one order that is made up is removed.`,
  flags: {
    rounds: { default: 3, most: 50, help: 'of all three' },
    wait: { default: 4000, least: 50, most: 4000, help: 'ms after which the server answers' },
    seconds: { default: 30, most: 300, help: 'for about so long the workers are kept busy each time' },
    slots: { default: 10, most: 1000, help: 'activities that one worker runs at a time' },
  },
  async run({ runner, results, atEnd, say, signal }, { root, rounds, wait, seconds, slots }) {
    const { name, containers } = await runningStack(runner, root)
    const network = await runner.run({
      file: 'docker',
      args: ['network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', `${name}_default`],
    })
    const receiver = await startReceiver(network.stdout.trim(), wait)
    atEnd(async () => receiver.close())
    const order = await makeOrder(runner, name)
    atEnd((by) => sql(by, name, `DELETE FROM orders WHERE id = '${order}'`))
    const temporal = containerOf(containers, 'ecomweb_temporal').address
    const client = new Client({ connection: connectLater(`${temporal}:7233`, 10_000) })
    atEnd(() => client.connection.close())
    atEnd(keep(root))
    const edit = editing(root)
    const secret = randomBytes(24).toString('hex')
    edit('.env.api', { ORDER_WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: secret, WORKER_CONCURRENCY: '1' })

    while (results.count('4 workers') < rounds) {
      for (const workers of [1, 2, 4]) {
        const series = `${workers} worker${workers === 1 ? '' : 's'}`
        if (results.count(series) > results.count('4 workers')) continue
        edit('.env', { WORKER_REPLICAS: String(workers) })
        await recreate(runner, root, name, workers, signal)
        const count = Math.ceil((workers * slots * seconds * 1000) / wait)
        results.add('workflows/s', { [series]: await throughput(client, receiver, { order, count, signal }) })
        say(`${series}: ${results.samples(series).at(-1)?.toFixed(1)} workflows a second`)
      }
    }
    const ratio = (series: string) => median(results.samples(series)) / median(results.samples('1 worker'))
    results.facts['2 workers against 1'] = ratio('2 workers').toFixed(2)
    results.facts['4 workers against 1'] = `${ratio('4 workers').toFixed(2)} (goal 3.5)`
  },
})

/** Workflows a second, by the middle of all answers. Errors: not within five minutes. */
async function throughput(
  client: Client,
  { answered }: Receiver,
  { order, count, signal }: { order: string; count: number; signal: AbortSignal },
): Promise<number> {
  answered.length = 0
  const run = randomUUID()
  let left = count
  const starter = async () => {
    while (left > 0) {
      left -= 1
      await client.workflow.start('sendOrderWebhook', {
        taskQueue: 'orders',
        workflowId: `bench-${run}-${left}`,
        args: [order],
      })
    }
  }
  const end = performance.now() + LIMIT_MS
  await Promise.all(Array.from({ length: 20 }, starter))
  while (answered.length < count) {
    if (performance.now() > end) {
      throw new KitError(`only ${answered.length} of ${count} workflows ended within five minutes`, {
        next: './ecomweb workers status',
      })
    }
    await delay(200, undefined, { signal })
  }
  const [from, to] = MIDDLE.map((share) => Math.floor(count * share)) as [number, number]
  return ((to - from) * 1000) / ((answered[to] as number) - (answered[from] as number))
}

/** Brings the workers to their number and settings; resolves when all are healthy. */
async function recreate(runner: Runner, root: string, name: string, workers: number, signal: AbortSignal) {
  await runner.run({ ...composeUp([WORKER], { dependencies: false }), cwd: root })
  for (;;) {
    const ours = (await containersOf(runner, name)).filter(({ service }) => service === WORKER)
    if (ours.length === workers && ours.every(({ health }) => health === 'healthy')) return
    await delay(500, undefined, { signal })
  }
}

/** An order as good as any, which no worker looks for. */
async function makeOrder(runner: Runner, name: string): Promise<string> {
  const id = randomUUID()
  await sql(
    runner,
    name,
    `INSERT INTO orders (id, email, status, idempotency_key, request_hash, completed_at)
     VALUES ('${id}', 'bench@example.com', 'completed', 'bench-${id}', 'bench', now())`,
  )
  return id
}

function sql(runner: Runner, name: string, statement: string) {
  return runner.run({
    file: 'docker',
    args: [
      ...['exec', `${name}_postgres`, 'psql', '-U', 'postgres', '-d', 'ecomweb', '-q'],
      ...['-v', 'ON_ERROR_STOP=1', '-c', statement],
    ],
  })
}

function editing(root: string) {
  return (file: (typeof FILES)[number], changes: Record<string, string>) =>
    writeFileSync(join(root, file), editEnvFile(readFileSync(join(root, file), 'utf8'), changes))
}

/** Puts settings and workers back as they are now. */
function keep(root: string) {
  const before = FILES.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const)
  return async (runner: Runner) => {
    for (const [file, text] of before) writeFileSync(join(root, file), text)
    await runner.run({ ...composeUp([WORKER], { dependencies: false }), cwd: root })
  }
}
