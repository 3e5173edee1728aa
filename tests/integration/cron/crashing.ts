/**
 * A cron process that is there to be killed: `node crashing.ts BEGAN SPEED`. Its clock began at the Unix time BEGAN
 * (ms) and runs SPEED times as fast as the real one, so that jobs every second run many times in one.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase } from '../../../apps/core/database.ts'
import { CronEngine } from '../../../apps/cron/engine.ts'
import { DAY_MS, type Job } from '../../../apps/cron/job.ts'
import { databaseRecord } from '../../../apps/cron/record.ts'

const [began, speed] = process.argv.slice(2).map(Number) as [number, number]
const now = () => new Date(began + (Date.now() - began) * speed)
const open = (connections: number) =>
  openDatabase(
    { DATABASE_URL: String(process.env.DATABASE_URL), DATABASE_POOL: connections },
    undefined,
    'service',
  )

const ALIVE_MS = 500
const WORK_MS = 30
const [database, ledger] = [open(3), open(2)]
const owner = randomUUID()
let told = false
/** Tells the test, at the first slot, that there is something to be killed. */
function work(): Promise<void> {
  if (!told) console.log('works')
  told = true
  return delay(WORK_MS)
}
// Far more than a slow machine can fall behind: what lies before the window is not made up for.
const every = { schedule: '* * * * * *', catchUp: { policy: 'all', withinMs: DAY_MS } } as const
const jobs: Job[] = [
  {
    ...{ ...every, name: 'transactional' },
    transactional: true,
    async run(slot, { transaction }) {
      await transaction.cronProof.create({ data: { job: 'transactional', slot } })
      await work()
    },
  },
  ...(['report', 'retry'] as const).map((interrupted) => ({
    ...{ ...every, name: interrupted, interrupted },
    async run(slot: Date) {
      await database.cronProof.create({ data: { job: interrupted, slot } })
      await work()
    },
  })),
]
const engine = new CronEngine({
  ...{ jobs, database, now, leaseMs: 60_000 },
  record: databaseRecord(ledger, { id: owner, aliveMs: ALIVE_MS }),
  // All of them at once: what counts here is that nothing depends on the lease.
  lease: { hold: async () => true, release: async () => {} },
  log: { info() {}, warn: console.error, error() {} },
})

let over = false
process.once('SIGTERM', () => {
  over = true
})
for (let count = 0; !over; count++) {
  if (count % 4 === 0) await engine.beat()
  engine.tick()
  await delay(20)
}
await engine.stop(5000)
await Promise.all([database.$disconnect(), ledger.$disconnect()])
