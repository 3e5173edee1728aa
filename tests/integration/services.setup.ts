import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { ensureEngine } from '../../scripts/host/engine.ts'
import { ensureImages } from '../../scripts/images/ensure.ts'
import { textProgress } from '../../scripts/output/progress.ts'
import { execRunner } from '../../scripts/run.ts'
import { isAlive } from '../e2e/harness/alive.ts'
import { run } from '../e2e/harness/process.ts'
import { waitUntil } from '../e2e/harness/wait.ts'

const ROOT = join(import.meta.dirname, '../..')
const PREFIX = 'ecw-data-'
const PASSWORD = 'of-this-test-only'
const POSTGRES = 'postgres:17'
const REDIS = 'redis:8'

/** Where the services are: `admin` is the superuser's URL of the migrated database, `redis` a URL without a number. */
export type Services = { postgresPort: number; password: string; redis: string }

declare module 'vitest' {
  export interface ProvidedContext {
    services: Services
  }
}

/** What each test file finds the services by; it takes a copy of the migrated database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { services, stop } = await startServices()
  project.provide('services', services)
  return stop
}

/** Starts PostgreSQL and Redis, their data in memory, and migrates a database. */
export async function startServices(): Promise<{ services: Services; stop: () => Promise<void> }> {
  const progress = textProgress(process.stderr)
  const runner = execRunner()
  await ensureEngine({ runner, progress, install: true })
  await ensureImages({ runner, progress, images: [POSTGRES, REDIS] })
  await removeDead()
  const name = `${PREFIX}${process.pid}`
  await docker('run', ...common(`${name}-postgres`, 5432), ...postgresArgs)
  await docker('run', ...common(`${name}-redis`, 6379), REDIS, 'redis-server', '--save', '', ...redisArgs)
  const postgresPort = await portOf(`${name}-postgres`, 5432)
  const services: Services = {
    postgresPort,
    password: PASSWORD,
    redis: `redis://127.0.0.1:${await portOf(`${name}-redis`, 6379)}`,
  }
  await waitUntil('PostgreSQL is set up', () => canConnect(urlOf(services, 'ecomweb_owner')))
  await run(process.execPath, ['apps/core/migrate.ts'], {
    cwd: ROOT,
    env: {
      DATABASE_URL: urlOf(services, 'ecomweb_app'),
      MIGRATE_DATABASE_URL: urlOf(services, 'ecomweb_owner'),
      PRISMA_SCHEMA_ENGINE_BINARY: join(ROOT, 'images/app/schema-engine/main.ts'),
      CHECKPOINT_DISABLE: '1',
    },
  })
  return { services, stop: () => remove([`${name}-postgres`, `${name}-redis`]) }
}

/** The URL by which a role reaches a database of these services. */
export const urlOf = ({ postgresPort, password }: Services, role: string, database = 'ecomweb'): string =>
  `postgresql://${role}:${password}@127.0.0.1:${postgresPort}/${database}`

const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim()

const common = (name: string, port: number): string[] => ['-d', '--name', name, '-p', `127.0.0.1::${port}`]

const passwords = ['POSTGRES_PASSWORD', 'OWNER_DB_PASSWORD', 'APP_DB_PASSWORD', 'TEMPORAL_DB_PASSWORD']
const postgresArgs = [
  ...['--user', '999:999', '--shm-size', '128m'],
  ...['--tmpfs', '/var/lib/postgresql/data:uid=999,gid=999,mode=0700'],
  ...['--volume', `${join(ROOT, 'volumes/postgres')}:/docker-entrypoint-initdb.d:ro`],
  ...passwords.flatMap((variable) => ['--env', `${variable}=${PASSWORD}`]),
  ...[POSTGRES, 'postgres', '-c', 'max_connections=200', '-c', 'fsync=off'],
]

/** Sixteen for each of two workers and more. */
const redisArgs = ['--databases', '64']

const portOf = async (name: string, port: number): Promise<number> =>
  Number((await docker('port', name, String(port))).split(':').at(-1))

async function canConnect(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 })
  client.on('error', () => {})
  await client.connect()
  await client.end()
  return true
}

const remove = async (names: string[]): Promise<void> => {
  if (names.length > 0) await run('docker', ['rm', '-f', '-v', ...names], { check: false })
}

/** Runs that were killed could not clean up. */
async function removeDead(): Promise<void> {
  const names = (await docker('ps', '-a', '--filter', `name=^${PREFIX}`, '--format', '{{.Names}}')).split(
    '\n',
  )
  await remove(names.filter((name) => name !== '' && !isAlive(Number(name.split('-')[2]))))
}
