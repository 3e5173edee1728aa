import type { Database } from '../core/database.ts'

/**
 * Who usually runs the schedule, so that two containers do not race for every slot. It lies in PostgreSQL and goes by
 * its clock: jobs cannot run without PostgreSQL anyway, while Redis would be one more thing whose loss stops them, and
 * the clocks of containers need not agree. Nothing depends on it being exclusive: a holder that was paused may
 * believe in it for a moment too long, and then claims decide.
 */
export type Lease = {
  /** Takes it or keeps it for another while; false when another process has it. */
  hold(): Promise<boolean>
  /** Leaves it to whoever waits. */
  release(): Promise<void>
}

export const LEASE_MS = 5000

export function databaseLease(database: Database, owner: string, ttlMs = LEASE_MS): Lease {
  return {
    async hold() {
      const held = await database.$executeRaw`
        INSERT INTO cron_lease (name, owner, expires_at)
        VALUES ('cron', ${owner}, now() + ${ttlMs} * interval '1 millisecond')
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
        WHERE cron_lease.owner = excluded.owner OR cron_lease.expires_at < now()`
      return held === 1
    },
    async release() {
      await database.$executeRaw`DELETE FROM cron_lease WHERE name = 'cron' AND owner = ${owner}`
    },
  }
}
