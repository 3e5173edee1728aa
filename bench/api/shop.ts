import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { KitError } from '../../scripts/errors.ts'
import { poll } from '../../scripts/stack/wait.ts'
import { freePorts } from '../../tests/e2e/harness/ports.ts'
import { startServices, urlOf } from '../../tests/integration/services.setup.ts'
import { ensureWrk } from '../edge/wrk.ts'
import type { Kit } from '../program.ts'
import { type Kind, type Login, PATHS, writeScripts } from './load.ts'
import { type Environment, type Served, startUnderPm2 } from './processes.ts'

export const SERVERS = ['1 worker', '2 workers', 'bare'] as const
export type Server = (typeof SERVERS)[number]

/** All that is loaded: the shop in one process and in two, and a bare handler that sends the same list. */
export type Subjects = {
  urls: Record<Server, string>
  scripts: Record<Kind, string>
  /** Of a further process, which is profiled. */
  profiled: { port: number; env: Environment }
}

/** Starts PostgreSQL, Redis and the servers, each of which is taken down at the end. */
export async function openSubjects(
  { runner, atEnd, say }: Kit,
  root: string,
  folder: string,
): Promise<Subjects> {
  await ensureWrk(runner, say)
  const { services, stop } = await startServices()
  atEnd(stop)
  const exempt = randomBytes(24).toString('hex')
  const env: Environment = {
    DATABASE_URL: urlOf(services, 'ecomweb_app'),
    REDIS_URL: `${services.redis}/0`,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    RATE_LIMIT_EXEMPT_TOKEN: exempt,
    UPLOADS_DIR: join(folder, 'uploads'),
    NODE_ENV: 'production',
    DATABASE_POOL: '5',
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  }
  const [one = 0, two = 0, three = 0, port = 0] = await freePorts(4)
  const start = async (name: string, entry: string, workers: number, port: number, env: Environment) => {
    const served: Served = await startUnderPm2(runner, { root, folder }, { name, entry, workers, port, env })
    atEnd(served.stop)
    return served.url
  }
  const first = await start('one', 'apps/api/server.ts', 1, one, env)
  const second = await start('two', 'apps/api/server.ts', 2, two, env)
  const products = await endlessProducts(urlOf(services, 'postgres'))
  const BODY = join(folder, 'list.json')
  writeFileSync(BODY, await cachedList(first))
  const bare = await start('bare', 'bench/api/bare.ts', 1, three, { BODY })
  const login = await register(first, exempt)
  return {
    urls: { '1 worker': first, '2 workers': second, bare },
    scripts: writeScripts(folder, { login, exempt, products }),
    profiled: { port, env },
  }
}

/** Gives every product a stock that no load sells out; answers their ids. */
async function endlessProducts(url: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ id: number }>('UPDATE products SET stock = 1000000000 RETURNING id')
    return rows.map(({ id }) => id)
  } finally {
    await client.end()
  }
}

/** The list as it comes out of the cache, where it is from then on. Errors: it does not. */
export async function cachedList(url: string): Promise<Buffer> {
  const look = async () => {
    const response = await fetch(`${url}${PATHS.list}`)
    const body = Buffer.from(await response.arrayBuffer())
    return response.headers.get('x-cache') === 'hit' ? body : undefined
  }
  const body = await poll(look, { timeoutMs: 10_000, intervalMs: 100 })
  if (body) return body
  throw new KitError('the list does not come out of the cache', { why: 'X-Cache is never "hit"' })
}

async function register(url: string, exempt: string): Promise<Login> {
  const login = { email: 'bench@example.com', password: `nine otters ${randomBytes(9).toString('hex')}` }
  const response = await fetch(`${url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-ecomweb-exempt': exempt },
    body: JSON.stringify(login),
  })
  if (response.status === 201) return login
  throw new KitError('no account could be made', { why: `${response.status} ${await response.text()}` })
}
