import type { Database } from '../../core/database.ts'
import type { Log } from '../../core/log.ts'
import { DAY_MS, type PlainJob } from '../job.ts'

const BATCH = 1000

/** How many days rows are kept. */
export const KEPT = { outbox: 30, cronRuns: 90, healthSamples: 30, probeOrders: 7, mails: 90 }

/**
 * Every night (UTC): deletes what nobody needs any more, a batch at a time, so that no lock is held for long. What an
 * interrupted run has left the next one finds.
 */
export function dailyCleanUp(database: Database, log: Pick<Log, 'info'>): PlainJob {
  return {
    name: 'daily-clean-up',
    schedule: '30 3 * * *',
    catchUp: { policy: 'last', withinMs: DAY_MS },
    limitMs: 10 * 60_000,
    interrupted: 'retry',
    run: async (slot, { signal }) => log.info(await cleanUp(database, slot, signal), 'cleaned up'),
  }
}

export type CleanedUp = Record<keyof typeof KEPT, number>

/** Deletes what is too old at `now`; answers the number of rows of each kind. */
export async function cleanUp(database: Database, now: Date, signal: AbortSignal): Promise<CleanedUp> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS)
  const all = (batch: () => Promise<number>) => untilNone(batch, signal)
  return {
    // A client that comes back after longer than that starts with what comes next. The newest event stays, since its id
    // is where everybody begins, and an id that seems to come from the future counts as another database's.
    outbox: await all(
      () => database.$executeRaw`
        DELETE FROM outbox WHERE id IN (
          SELECT id FROM outbox WHERE created_at < ${before(KEPT.outbox)} AND id < (SELECT max(id) FROM outbox)
          ORDER BY id LIMIT ${BATCH})`,
    ),
    // The newest slot of each job is where catching up begins.
    cronRuns: await all(
      () => database.$executeRaw`
        DELETE FROM cron_run WHERE (job, slot) IN (
          SELECT job, slot FROM cron_run AS old
          WHERE slot < ${before(KEPT.cronRuns)} AND status <> 'running' AND slot < (
            SELECT max(slot) FROM cron_run WHERE job = old.job AND trigger = 'schedule')
          LIMIT ${BATCH})`,
    ),
    healthSamples: await all(
      () => database.$executeRaw`
        DELETE FROM health_samples WHERE slot IN (
          SELECT slot FROM health_samples WHERE slot < ${before(KEPT.healthSamples)} LIMIT ${BATCH})`,
    ),
    probeOrders: await all(() => deleteProbes(database, before(KEPT.probeOrders))),
    mails: await all(
      () => database.$executeRaw`
        DELETE FROM outgoing_mails WHERE id IN (
          SELECT id FROM outgoing_mails WHERE status <> 'queued' AND created_at < ${before(KEPT.mails)} LIMIT ${BATCH})`,
    ),
  }
}

/** Probes take no stock, so only their rows go; an order cannot go before its payment. */
function deleteProbes(database: Database, before: Date): Promise<number> {
  return database.$transaction(async (transaction) => {
    const where = { probe: true, createdAt: { lt: before } }
    const old = await transaction.order.findMany({ where, select: { id: true }, take: BATCH })
    const ids = old.map(({ id }) => id)
    await transaction.payment.deleteMany({ where: { orderId: { in: ids } } })
    return (await transaction.order.deleteMany({ where: { id: { in: ids }, probe: true } })).count
  })
}

async function untilNone(batch: () => Promise<number>, signal: AbortSignal): Promise<number> {
  for (let total = 0; ; ) {
    signal.throwIfAborted()
    const deleted = await batch()
    total += deleted
    if (deleted < BATCH) return total
  }
}
