import pg from 'pg'
import type { Container } from '../../docker/containers.ts'
import { KitError } from '../../errors.ts'
import { reachable } from '../../status/database.ts'
import type { DatabaseLimits } from '../facts.ts'

type Row = { max: number; superuser: number; reserved: number | null; others: number; now: Date }

/**
 * Asks PostgreSQL what it grants and what time it has. `roles` are this stack's own, left out of `others`.
 * Errors: DATABASE_URL is missing or no URL, or nobody answers there.
 */
export async function readDatabaseLimits(
  app: Record<string, string>,
  containers: Container[],
): Promise<DatabaseLimits> {
  const url = app.DATABASE_URL ?? ''
  if (!URL.canParse(url)) throw new KitError('the database cannot be asked: DATABASE_URL is no URL', unasked)
  const roles = [url, app.MIGRATE_DATABASE_URL ?? ''].flatMap((text) =>
    URL.canParse(text) ? [decodeURIComponent(new URL(text).username)] : [],
  )
  const client = new pg.Client({
    connectionString: reachable(url, containers),
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
  })
  try {
    await client.connect()
    const before = Date.now()
    const { rows } = await client.query<Row>(
      `SELECT current_setting('max_connections')::int AS max,
              current_setting('superuser_reserved_connections')::int AS superuser,
              current_setting('reserved_connections', true)::int AS reserved,
              (SELECT count(*)::int FROM pg_stat_activity
                WHERE datname IS NOT NULL AND usename <> ALL ($1)) AS others,
              clock_timestamp() AS now`,
      [[...roles, 'temporal']],
    )
    const after = Date.now()
    const { max, superuser, reserved, others, now } = rows[0] as Row
    // Halfway between question and answer is when the database looked at its clock, give or take half the trip.
    const aheadMs = now.getTime() - (before + after) / 2
    return { max, reserved: superuser + (reserved ?? 0), others, aheadMs }
  } catch (error) {
    const { hostname, port } = new URL(url)
    const why = `a deploy applies migrations before anything else: ${(error as Error).message}`
    throw new KitError(`PostgreSQL at ${hostname}:${port || 5432} does not answer`, { ...unasked, why })
  } finally {
    await client.end().catch(() => {})
  }
}

const unasked = {
  why: 'a deploy applies migrations before anything else',
  next: './ecomweb up   (or mend DATABASE_URL in .env.api)',
}
