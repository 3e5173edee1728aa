/**
 * The readiness probe: can the database be used, and are the migrations of this image in it?
 *
 *   node apps/core/ready.ts [--once] [--temporal]
 *
 * Waits READY_MAX_ATTEMPTS times READY_INTERVAL_MS and then exits 1 with one sentence; `--once` looks once.
 * `--temporal` waits for Temporal and its namespace too. Imports are few, because a probe that health checks
 * call must start fast: zod, the log and Temporal stay out of it.
 */
import { readPatience, waitUntil } from './attempts.ts'
import { type Database, openDatabase } from './database.ts'
import { describeDatabaseError, describeTarget } from './database-error.ts'
import { describeMigrations, MIGRATIONS_DIR, migrationState } from './migrations.ts'

/** What PostgreSQL still lacks, as one clause; undefined when it is ready. */
export async function lookAtDatabase(
  prisma: Database,
  url: string,
  dir: string = MIGRATIONS_DIR,
): Promise<string | undefined> {
  const place = `PostgreSQL at ${describeTarget(url)}`
  try {
    const missing = describeMigrations(await migrationState(prisma, dir))
    return missing && `${place}: ${missing}`
  } catch (error) {
    return `${place}: ${describeDatabaseError(error, url)}`
  }
}

async function main(flags: readonly string[]): Promise<number> {
  const say = (line: string) => console.log(`ready: ${line}`)
  const url = process.env.DATABASE_URL ?? ''
  if (!URL.canParse(url)) {
    console.error('ready: DATABASE_URL is missing or no URL. Set it in .env.api, as .env.api.example shows.')
    return 1
  }
  const started = performance.now()
  const once = flags.includes('--once')
  const patience = { ...readPatience(process.env), ...(once && { maxAttempts: 1 }), say }
  const prisma = openDatabase({ DATABASE_URL: url, DATABASE_POOL: 1 }, undefined, 'service')
  const looks = [() => lookAtDatabase(prisma, url)]
  if (flags.includes('--temporal'))
    looks.push((await import('./temporal-ready.ts')).lookAtTemporal(process.env))
  try {
    for (const look of looks) {
      const missing = await waitUntil(look, patience)
      if (missing === undefined) continue
      const tries = once ? '' : ` after ${patience.maxAttempts} attempts, ${patience.intervalMs} ms apart`
      console.error(`ready: gave up${tries}: ${missing}`)
      return 1
    }
    const what =
      looks.length > 1
        ? 'PostgreSQL, its migrations and Temporal are ready'
        : 'PostgreSQL and its migrations are ready'
    say(`${what} (${Math.round(performance.now() - started)} ms)`)
    return 0
  } finally {
    await prisma.$disconnect()
  }
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)))
