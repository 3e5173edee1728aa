import { randomUUID } from 'node:crypto'
import type { Database } from '../../../apps/core/database.ts'
import type { TransactionalJob } from '../../../apps/cron/job.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

export const silent = { info() {}, warn() {} }
export const never = new AbortController().signal

export type Order = {
  email: string
  cents: number
  placed: string
  paid?: string
  refunded?: string
  cancelled?: string
}

/** A shop whose rows a test makes by hand. */
export type Shop = { own: OwnDatabase; database: Database } & ReturnType<typeof hands>

export async function openShop(): Promise<Shop> {
  const own = await ownDatabase()
  const database = own.open('service')
  return { own, database, ...hands(own, database) }
}

function hands(own: OwnDatabase, database: Database) {
  return {
    async empty() {
      await own.sql(
        `TRUNCATE orders, users, outbox, cron_run, health_samples, outgoing_mails, daily_analytics, weekly_engagement
         CASCADE`,
      )
    },
    /** Runs a job's slot in a transaction, as the engine does. */
    run: (job: TransactionalJob, slot: string) =>
      database.$transaction((transaction) =>
        job.run(new Date(slot), { transaction, signal: never, now: new Date(slot) }),
      ),
    async order(
      { email, cents, placed, paid, refunded, cancelled }: Order,
      { probe = false, quantity = 1 } = {},
    ) {
      const [made] = await own.sql<{ id: string }>(
        `INSERT INTO orders (email, total_cents, idempotency_key, request_hash, probe, created_at, paid_at, refunded_at, cancelled_at)
     VALUES ($1, $2, $3, 'x', $4, $5, $6, $7, $8) RETURNING id`,
        [email, cents, randomUUID(), probe, placed, paid ?? null, refunded ?? null, cancelled ?? null],
      )
      await own.sql(
        'INSERT INTO order_items (order_id, product_id, quantity, price_cents) VALUES ($1, 1, $2, $3)',
        [made?.id, quantity, cents],
      )
      return String(made?.id)
    },
    user: async (email: string, { role = 'user', created = '2026-01-01', disabled = false } = {}) =>
      (
        await own.sql<{ id: string }>(
          `INSERT INTO users (email, role, created_at, disabled_at) VALUES ($1, $2, $3, $4) RETURNING id`,
          [email, role, created, disabled ? created : null],
        )
      )[0]?.id as string,
  }
}
