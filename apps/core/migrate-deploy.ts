import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const PRISMA = join(ROOT, 'node_modules/prisma/build/index.js')

export type Outcome = { code: number; output: string }

/**
 * Runs `prisma migrate deploy` on some migrations of a folder. Prisma applies whatever it finds, so it gets a copy of
 * these alone; what else the database has applied does not matter to it.
 */
export async function deployMigrations(dir: string, names: readonly string[], url: string): Promise<Outcome> {
  const copy = mkdtempSync(join(tmpdir(), 'ecomweb-migrations-'))
  try {
    return await runPrisma(['migrate', 'deploy', '--config', copyMigrations(names, dir, copy)], url)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Tells Prisma that nothing remains of a migration, or that all of it is done. */
export async function resolveMigration(
  name: string,
  as: 'rolled-back' | 'applied',
  url: string,
): Promise<boolean> {
  return (await runPrisma(['migrate', 'resolve', `--${as}`, name], url)).code === 0
}

/** The same database with no limit to how long a statement waits for locks, whatever the role's own limit is. */
export function withoutLockTimeout(url: string): string {
  const parsed = new URL(url)
  const options = [parsed.searchParams.get('options'), '-c lock_timeout=0'].filter(Boolean).join(' ')
  parsed.searchParams.set('options', options)
  parsed.search = parsed.search.replaceAll('+', '%20') // a plus is a space to some readers of URLs only
  return parsed.toString()
}

/**
 * Whether PostgreSQL undoes the whole script when one of its statements fails. It does, since Prisma sends a script
 * as one message, unless the script controls transactions itself or has a statement that runs outside of them. Any
 * word that might mean so counts, wherever it stands: a doubt costs one command, a mistake the schema.
 */
export function isUndoneAsWhole(script: string): boolean {
  const doubtful =
    /\b(concurrently|begin|start\s+transaction|commit|end|rollback|abort|call|do|vacuum|cluster|reindex|database|tablespace|system|subscription)\b/i
  return !doubtful.test(script)
}

/** Copies migrations and writes a Prisma configuration that names the copy; answers its path. */
export function copyMigrations(names: readonly string[], from: string, to: string): string {
  const target = join(to, 'migrations')
  mkdirSync(target)
  cpSync(join(from, 'migration_lock.toml'), join(target, 'migration_lock.toml'))
  for (const name of names) cpSync(join(from, name), join(target, name), { recursive: true })
  const config = {
    schema: join(dirname(from), 'schema.prisma'),
    migrations: { path: target },
  }
  const path = join(to, 'prisma.config.mjs')
  const url = 'process.env.MIGRATE_DATABASE_URL'
  writeFileSync(path, `export default { ...${JSON.stringify(config)}, datasource: { url: ${url} } }\n`)
  return path
}

/** The URL goes through the environment: arguments can be read by every process on the host. */
function runPrisma(args: string[], url: string): Promise<Outcome> {
  const env = { ...process.env, MIGRATE_DATABASE_URL: url, NO_COLOR: '1' }
  // A group of its own: a signal to stop this process must not cut a migration in half.
  const child = spawn(process.execPath, [PRISMA, ...args], { cwd: ROOT, env, detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
