import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { KitError } from '../errors.ts'
import { parseEnvFile } from '../settings/env-file.ts'
import { newAppEnv, newPasswords, newStackEnv, type Passwords } from '../settings/generate.ts'
import { parseStackEnv, STACK_NAMES } from '../settings/stack-env.ts'

const SCOPE = 'ecomweb-postgres'

/**
 * Writes `.env` and `.env.api` when they are absent, mode 0600, never over one that exists. Names given in the
 * environment (`HTTP_PORT=8080 ./ecomweb up`) go into a new `.env`. Resolves with the files written.
 */
export async function writeSettings(
  { root, world }: Context,
  given: Record<string, string>,
): Promise<string[]> {
  const [stack, app] = [join(root, '.env'), join(root, '.env.api')]
  if (existsSync(stack) && existsSync(app)) return []
  if (world.runner.dry) return ['.env', '.env.api'].filter((name) => !existsSync(join(root, name)))
  parseStackEnv(given)
  const written: string[] = []
  const passwords = existsSync(stack) ? passwordsOf(readFileSync(stack, 'utf8')) : newPasswords()
  if (!existsSync(app)) {
    await world.replace('.env.api', newAppEnv(readFileSync(`${app}.example`, 'utf8'), passwords))
    written.push('.env.api')
  } else if (!existsSync(stack)) {
    // The user's .env.api came first: its URLs hold the passwords that the database must be made with.
    Object.assign(passwords, passwordsIn(readFileSync(app, 'utf8')))
    chmodSync(app, 0o600)
  }
  if (!existsSync(stack)) {
    await world.replace('.env', newStackEnv(passwords, given))
    written.push('.env')
  }
  return written
}

/** The names of `.env` that are exported in this shell, and taken out of it: inside Compose they would win. */
export function takeGiven(environment: NodeJS.ProcessEnv): Record<string, string> {
  const given: Record<string, string> = {}
  for (const name of STACK_NAMES) {
    const value = environment[name]
    if (value) given[name] = value
    delete environment[name]
  }
  return given
}

const DEFAULT = 'ecomweb-development-only'

const passwordsOf = (text: string): Passwords => {
  const { POSTGRES_PASSWORD, OWNER_DB_PASSWORD, APP_DB_PASSWORD, TEMPORAL_DB_PASSWORD } = parseEnvFile(text)
  return {
    POSTGRES_PASSWORD: POSTGRES_PASSWORD ?? DEFAULT,
    OWNER_DB_PASSWORD: OWNER_DB_PASSWORD ?? DEFAULT,
    APP_DB_PASSWORD: APP_DB_PASSWORD ?? DEFAULT,
    TEMPORAL_DB_PASSWORD: TEMPORAL_DB_PASSWORD ?? DEFAULT,
  }
}

function passwordsIn(text: string): Partial<Passwords> {
  const app = parseEnvFile(text)
  const password = (url: string | undefined) => {
    if (!url || !URL.canParse(url)) return undefined
    const { hostname, password } = new URL(url)
    return hostname === SCOPE && password ? decodeURIComponent(password) : undefined
  }
  const [owner, role] = [password(app.MIGRATE_DATABASE_URL), password(app.DATABASE_URL)]
  return { ...(owner ? { OWNER_DB_PASSWORD: owner } : {}), ...(role ? { APP_DB_PASSWORD: role } : {}) }
}

/**
 * Replicas of the embedded servers: none where the application's settings point elsewhere. The embedded
 * PostgreSQL stays while the embedded Temporal keeps its data there.
 */
export function embeddedReplicas(app: Record<string, string>): {
  POSTGRES_REPLICAS: string
  TEMPORAL_REPLICAS: string
} {
  const temporal = (app.TEMPORAL_ADDRESS ?? '').startsWith('ecomweb-temporal:')
  const url = app.DATABASE_URL ?? ''
  if (!URL.canParse(url)) {
    throw new KitError('DATABASE_URL in .env.api is not a URL', {
      why: 'it should be postgresql://role:password@host:5432/database',
      next: 'edit .env.api, then ./ecomweb up',
    })
  }
  const postgres = new URL(url).hostname === SCOPE || temporal
  return { POSTGRES_REPLICAS: postgres ? '1' : '0', TEMPORAL_REPLICAS: temporal ? '1' : '0' }
}
