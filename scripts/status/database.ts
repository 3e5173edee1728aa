import pg from 'pg'
import type { Container } from '../docker/containers.ts'

export type DatabaseFacts = {
  migrations: { name: string; finished: boolean; rolledBack: boolean }[]
  slots: { job: string; slot: string; status: string }[]
}

/** The address of a service as this host reaches it: a container by its own address, others as they are. */
export function reachable(url: string, containers: Container[]): string {
  const target = new URL(url)
  const service = `${target.hostname.replaceAll('-', '_')}`
  const container = containers.find((candidate) => candidate.service === service)
  if (container?.address) target.hostname = container.address
  return target.toString()
}

/** Applied migrations and the last cron slots. Errors: no connection within two seconds, or no such tables. */
export async function readDatabase(url: string): Promise<DatabaseFacts> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 2000 })
  await client.connect()
  try {
    const migrations = await client.query<{ name: string; finished: boolean; rolledBack: boolean }>(
      `SELECT migration_name AS name, finished_at IS NOT NULL AS finished, rolled_back_at IS NOT NULL AS "rolledBack"
         FROM _prisma_migrations ORDER BY started_at`,
    )
    const slots = await client.query<{ job: string; slot: Date; status: string }>(
      'SELECT job, slot, status FROM cron_run ORDER BY slot DESC, job LIMIT 3',
    )
    return {
      migrations: migrations.rows,
      slots: slots.rows.map(({ job, slot, status }) => ({ job, slot: slot.toISOString(), status })),
    }
  } finally {
    await client.end()
  }
}
