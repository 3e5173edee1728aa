/**
 * Brings the schema up to the expand migrations of this image and fills an empty shop:
 *
 *   node apps/core/migrate.ts              expand migrations
 *   node apps/core/migrate.ts --contract   contract migrations, once all expand migrations are applied
 *
 * Containers that start together call it together: one migrates, the others wait and find nothing to do.
 * SEED_CATALOGUE=false leaves the shop empty. A migration that meets a lock of others or a deadlock is undone and
 * tried again, MIGRATE_ATTEMPTS times in all (default 5).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { readPatience, waitUntil } from './attempts.ts'
import { openDatabase } from './database.ts'
import { describeDatabaseError, describeTarget } from './database-error.ts'
import { applyRun, type Effects, type Failure, planRuns, settle } from './migrate-attempts.ts'
import { deployMigrations, resolveMigration, withoutLockTimeout } from './migrate-deploy.ts'
import { describeBuild, dropInvalidIndex, findIndex } from './migrate-index.ts'
import { takeMigrationLock } from './migrate-lock.ts'
import {
  describeApplied,
  explainFailure,
  explainUndone,
  failedMigration,
  MigrationError,
} from './migrate-report.ts'
import { readRows, stateOf } from './migrate-state.ts'
import { MIGRATIONS_DIR, readMigrations } from './migrations.ts'

const LOCK_DEADLINE_MS = 15 * 60_000
/** How often it tells what the making of an index waits for. */
const TELL_MS = 15_000

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
  const contract = process.argv.includes('--contract')
  const migrations = readMigrations(MIGRATIONS_DIR)
  const state = stateOf(migrations, await readRows(session), contract)
  const effects = effectsOn(session, url)
  const again: string[] = []
  for (const name of state.failed) {
    const settled = await settle(name, effects)
    if (!settled) throw await explainFailure(session, '', resolveCommand(env))
    if (settled === 'rolled-back') again.push(name)
  }
  const pending = migrations
    .map(({ name }) => name)
    .filter((name) => [...state.pending, ...again].includes(name))
  if (pending.length === 0) say(`nothing to do: ${state.expected} migrations are applied`)
  else await deploy(session, effects, pending, { env, url, inUse: contract || state.applied > 0 })
  if (!contract && env.SEED_CATALOGUE !== 'false') await seed(url)
}

async function seed(url: string): Promise<void> {
  const prisma = openDatabase({ DATABASE_URL: url, DATABASE_POOL: 1 }, undefined, 'service')
  try {
    const { seedCatalogue } = await import('./catalogue.ts')
    const added = await seedCatalogue(prisma)
    if (added > 0) say(`filled the empty shop with ${added} products`)
  } finally {
    await prisma.$disconnect()
  }
}

async function deploy(
  session: pg.Client,
  effects: Effects,
  pending: string[],
  { env, url, inUse }: { env: NodeJS.ProcessEnv; url: string; inUse: boolean },
): Promise<void> {
  const started = performance.now()
  const count = pending.length === 1 ? '1 migration' : `${pending.length} migrations`
  say(`${count} to apply at ${describeTarget(url)}`)
  let failure: Failure | undefined
  let cut = false
  for (const run of planRuns(pending, effects.script, inUse)) {
    cut = effects.stopping()
    if (cut) break
    failure = await applyRun(run, effects, positive(env.MIGRATE_ATTEMPTS, 5))
    if (failure) break
  }
  for (const line of await describeApplied(session, pending)) say(line)
  if (failure?.undone && failure.name) throw explainUndone(failure.name, failure.output, failure.attempts)
  if (failure) throw await explainFailure(session, failure.output, resolveCommand(env))
  if (cut) throw new MigrationError('stopped as asked; what is left is applied at the next start')
  say(`the schema is up to date (${Math.round(performance.now() - started)} ms)`)
}

/** Prisma, PostgreSQL and the process itself. Asked to stop, it finishes the running migration and begins no other. */
function effectsOn(session: pg.Client, url: string): Effects {
  let stopping = false
  const stop = () => {
    stopping = true
    say('asked to stop: the running migration is finished first')
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
  return {
    async deploy({ names, lockTimeout }) {
      const tell = async () => {
        const line = await describeBuild(session).catch(() => undefined)
        if (line) say(line)
      }
      const timer = setInterval(tell, TELL_MS)
      const outcome = await deployMigrations(
        MIGRATIONS_DIR,
        names,
        lockTimeout ? url : withoutLockTimeout(url),
      )
      clearInterval(timer)
      return outcome
    },
    failed: async () => (await failedMigration(session))?.name,
    resolve: (name, as) => resolveMigration(name, as, url),
    findIndex: (index) => findIndex(session, index),
    dropInvalidIndex: (index) => dropInvalidIndex(session, index),
    script: (name) => readFileSync(join(MIGRATIONS_DIR, name, 'migration.sql'), 'utf8'),
    say,
    sleep: delay,
    random: Math.random,
    stopping: () => stopping,
  }
}

/** What clears a failed migration. The container that says so is about to exit, so it names the kit where there is one. */
const resolveCommand =
  ({ ECOMWEB_COLOUR }: NodeJS.ProcessEnv) =>
  (name: string): string =>
    ECOMWEB_COLOUR
      ? `./ecomweb migrate resolve ${name} --rolled-back`
      : `npx prisma migrate resolve --rolled-back ${name}`

function positive(text: string | undefined, otherwise: number): number {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : otherwise
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
