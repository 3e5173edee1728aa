/**
 * Brings the schema up to the expand migrations of this image and fills an empty shop:
 *
 *   node apps/core/migrate.ts
 *
 * Containers that start together call it together: one migrates, the others wait and find nothing to do.
 * SEED_CATALOGUE=false leaves the shop empty.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { readPatience, waitUntil } from './attempts.ts'
import { openDatabase } from './database.ts'
import { describeDatabaseError, describeTarget } from './database-error.ts'
import { deployMigrations, isUndoneAsWhole, markRolledBack } from './migrate-deploy.ts'
import { takeMigrationLock } from './migrate-lock.ts'
import {
  describeApplied,
  explainEdited,
  explainFailure,
  explainUndone,
  failedMigration,
  MigrationError,
  wasRefused,
} from './migrate-report.ts'
import { MIGRATIONS_DIR, migrationState } from './migrations.ts'

const LOCK_DEADLINE_MS = 15 * 60_000

const say = (line: string) => console.log(`migrate: ${line}`)

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const url = env.MIGRATE_DATABASE_URL || env.DATABASE_URL || ''
  if (!URL.canParse(url))
    throw new MigrationError('MIGRATE_DATABASE_URL is missing or no URL: set it in .env.api.')
  const session = await connect(url, env)
  try {
    if (!(await takeMigrationLock(session, { say, deadlineMs: LOCK_DEADLINE_MS })))
      throw new MigrationError(
        `another process has been migrating for ${LOCK_DEADLINE_MS / 60_000} minutes: gave up`,
      )
    await underLock(session, url, env)
  } finally {
    await session.end() // gives the lock back
  }
}

/** A session of its own, that only holds the lock; waits until the database can be reached. */
async function connect(url: string, env: NodeJS.ProcessEnv): Promise<pg.Client> {
  const place = `PostgreSQL at ${describeTarget(url)}`
  let session = new pg.Client()
  const missing = await waitUntil(
    async () => {
      session = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: 3000,
        keepAlive: true,
        application_name: ['ecomweb migrate', env.ECOMWEB_COLOUR].filter(Boolean).join(' '),
      })
      try {
        await session.connect()
        return undefined
      } catch (error) {
        return `${place}: ${describeDatabaseError(error, url)}`
      }
    },
    { ...readPatience(env), say },
  )
  if (missing) throw new MigrationError(`gave up after ${readPatience(env).maxAttempts} attempts: ${missing}`)
  session.on('error', (error) => say(`the session that holds the lock was lost: ${error.message}`))
  return session
}

async function underLock(session: pg.Client, url: string, env: NodeJS.ProcessEnv): Promise<void> {
  const prisma = openDatabase({ DATABASE_URL: url, DATABASE_POOL: 1 })
  try {
    const state = await migrationState(prisma)
    if (state.edited.length > 0) throw explainEdited(state)
    if (state.failed.length > 0) throw await explainFailure(session, '', containerCommand(env))
    if (state.pending.length === 0) say(`nothing to do: ${state.applied} migrations are applied`)
    else await deploy(session, url, state.pending, env)
    if (env.SEED_CATALOGUE === 'false') return
    const { seedCatalogue } = await import('./catalogue.ts')
    const added = await seedCatalogue(prisma)
    if (added > 0) say(`filled the empty shop with ${added} products`)
  } finally {
    await prisma.$disconnect()
  }
}

async function deploy(
  session: pg.Client,
  url: string,
  pending: string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const started = performance.now()
  const count = pending.length === 1 ? '1 migration' : `${pending.length} migrations`
  say(`${count} to apply at ${describeTarget(url)}`)
  const finish = () => say('asked to stop: the running migration is finished first')
  process.on('SIGTERM', finish).on('SIGINT', finish)
  const { code, output } = await deployMigrations(MIGRATIONS_DIR, url)
  process.off('SIGTERM', finish).off('SIGINT', finish)
  for (const line of await describeApplied(session, pending)) say(line)
  if (code !== 0) throw await recover(session, url, output, pending, env)
  say(`the schema is up to date (${Math.round(performance.now() - started)} ms)`)
}

/**
 * Clears the way for a corrected image where that is safe, and says what happened in any case. Safe is: PostgreSQL
 * itself refused the script (a lost connection proves nothing), and undoes it as a whole.
 */
async function recover(
  session: pg.Client,
  url: string,
  output: string,
  pending: string[],
  env: NodeJS.ProcessEnv,
): Promise<Error> {
  const name = (await failedMigration(session))?.name
  if (name && pending.includes(name) && wasRefused(output)) {
    const script = readFileSync(join(MIGRATIONS_DIR, name, 'migration.sql'), 'utf8')
    if (isUndoneAsWhole(script) && (await markRolledBack(name, url))) return explainUndone(name, output)
  }
  return explainFailure(session, output, containerCommand(env))
}

/** What to put in front of a command so that it runs where this one ran: the container itself is about to exit. */
function containerCommand({ ECOMWEB_COLOUR }: NodeJS.ProcessEnv): string {
  return ECOMWEB_COLOUR ? `docker compose run --rm ecomweb_api_${ECOMWEB_COLOUR} ` : ''
}

try {
  await main(process.env)
} catch (error) {
  const { MIGRATE_DATABASE_URL, DATABASE_URL } = process.env
  const text =
    error instanceof MigrationError
      ? error.message
      : describeDatabaseError(error, MIGRATE_DATABASE_URL || DATABASE_URL)
  console.error(`migrate: ${text}`)
  process.exitCode = 1
}
