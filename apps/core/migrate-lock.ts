import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'

/** Any number will do, as long as every release uses the same one. */
const LOCK = 7_266_003

const POLL_MS = 200
const REMIND_MS = 10_000

/**
 * Takes the one lock under which migrations run, for as long as the session lives.
 *
 * It asks again and again instead of waiting inside PostgreSQL: a statement that waits holds a transaction open,
 * CREATE INDEX CONCURRENTLY waits for every open transaction to end, and the two would wait for each other.
 * Prisma's own lock is of that waiting kind, which is why only the holder of this one may start Prisma.
 */
export async function takeMigrationLock(
  session: Pick<Client, 'query'>,
  { say, deadlineMs, sleep = delay }: { say: (line: string) => void; deadlineMs: number; sleep?: Sleep },
): Promise<boolean> {
  for (let waited = 0; ; waited += POLL_MS) {
    const { rows } = await session.query('SELECT pg_try_advisory_lock($1) AS taken', [LOCK])
    if (rows[0].taken) return true
    if (waited >= deadlineMs) return false
    if (waited % REMIND_MS === 0)
      say(`another process is migrating (${await holder(session)}): waiting for it`)
    await sleep(POLL_MS)
  }
}

type Sleep = (ms: number) => Promise<unknown>

async function holder(session: Pick<Client, 'query'>): Promise<string> {
  const { rows } = await session.query(
    `SELECT a.application_name AS name, a.client_addr AS address
       FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = $1`,
    [LOCK],
  )
  return rows[0] ? [rows[0].name, rows[0].address].filter(Boolean).join(' at ') : 'it has just finished'
}
