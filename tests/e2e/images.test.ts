import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './harness/process.ts'
import { waitUntil } from './harness/wait.ts'

/** What the stack expects of every upstream image: the same whether it was pulled or is a stand-in. */

const LABEL = 'ecomweb.test=images'
const HARDENED = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges:true', '--init']

const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim()

/** The output of one command in a container of its own. */
const once = (image: string, args: string[], options: string[] = []): Promise<string> =>
  docker('run', '--rm', '--network=none', `--label=${LABEL}`, ...options, image, ...args)

/** A container that keeps running; resolves with its id. */
const start = (image: string, args: string[], options: string[]): Promise<string> =>
  docker('run', '--detach', '--network=none', `--label=${LABEL}`, ...HARDENED, ...options, image, ...args)

const exec = (container: string, ...args: string[]): Promise<string> => docker('exec', container, ...args)

async function removeContainers(): Promise<void> {
  const ids = (await docker('ps', '-aq', `--filter=label=${LABEL}`)).split('\n').filter(Boolean)
  if (ids.length > 0) await docker('rm', '--force', '--volumes', ...ids)
}

beforeAll(removeContainers)
afterAll(removeContainers)

describe('node:24-bookworm-slim', () => {
  const image = 'node:24-bookworm-slim'

  it('has Node 24 with npm, and the user node as 1000', async () => {
    expect(await once(image, ['node', '--version'])).toMatch(/^v24\./)
    expect(await once(image, ['npm', '--version'])).toMatch(/^1\d\./)
    expect(await once(image, ['bash', '-c', 'id node'], HARDENED)).toContain('uid=1000(node) gid=1000(node)')
  })
})

describe('haproxy:3.2', () => {
  const image = 'haproxy:3.2'

  it('is HAProxy 3.2, runs as 99 and ends softly on `docker stop`', async () => {
    expect(await once(image, ['haproxy', '-v'])).toMatch(/version 3\.2\./)
    expect(await once(image, ['id', '-u'])).toBe('99')
    expect(await once(image, ['id', '-g'])).toBe('99')
    expect(await docker('image', 'inspect', '--format={{.Config.StopSignal}}', image)).toBe('SIGUSR1')
  })

  it('serves, with its configuration where the stack mounts it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'haproxy-'))
    const text =
      'defaults\n  mode http\n  timeout client 5s\nfrontend web\n  bind :8080\n  http-request return status 204\n'
    writeFileSync(join(folder, 'haproxy.cfg'), text, { mode: 0o644 })
    await run('chmod', ['755', folder])
    try {
      const mount = [`--volume=${folder}:/usr/local/etc/haproxy:ro`, '--tmpfs=/var/lib/haproxy']
      const container = await start(image, [], mount)
      const ask = 'exec 3<>/dev/tcp/127.0.0.1/8080 && printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3 && head -1 <&3'
      const answer = await waitUntil('HAProxy answers', () => exec(container, 'bash', '-c', ask))
      expect(answer).toContain(' 204 ')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('redis:8', () => {
  const image = 'redis:8'

  it('answers, hardened and as 999, to clients on any address', async () => {
    const container = await start(image, ['redis-server', '--save', ''], ['--user=999:999', '--tmpfs=/data'])
    const ping = () => exec(container, 'redis-cli', 'ping')
    expect(await waitUntil('Redis answers', ping)).toBe('PONG')
    expect(await exec(container, 'redis-cli', 'info', 'server')).toMatch(/redis_version:8\./)
    expect(await exec(container, 'redis-cli', 'config', 'get', 'protected-mode')).toMatch(/no$/)
  })

  it('takes options alone for redis-server, and drops root by itself', async () => {
    const soft = ['run', '--detach', '--network=none', `--label=${LABEL}`, image, '--maxmemory', '64mb']
    const container = await docker(...soft)
    await waitUntil('Redis answers', () => exec(container, 'redis-cli', 'ping'))
    expect(await exec(container, 'redis-cli', 'config', 'get', 'maxmemory')).toContain('67108864')
    expect(await exec(container, 'stat', '--format=%u', '/proc/1')).toBe('999')
  })
})

describe('postgres:17', () => {
  const image = 'postgres:17'
  const scripts = mkdtempSync(join(tmpdir(), 'initdb-'))

  const options = (...more: string[]): string[] => [
    '--user=postgres',
    '--tmpfs=/tmp',
    '--tmpfs=/run/postgresql:uid=999,gid=999',
    '--tmpfs=/var/lib/postgresql/data:uid=999,gid=999,mode=0700',
    `--volume=${scripts}:/docker-entrypoint-initdb.d:ro`,
    '--env=POSTGRES_USER=owner',
    '--env=POSTGRES_DB=shop',
    ...more,
  ]

  const query = (container: string, text: string): Promise<string> =>
    exec(container, 'psql', '-U', 'owner', '-d', 'shop', '-Atc', text)

  /** Ready is what answers over TCP: the server that runs the scripts listens on its socket alone. */
  const ready = (container: string): Promise<boolean> =>
    waitUntil('PostgreSQL accepts clients', async () => {
      const { code } = await run('docker', ['exec', container, 'pg_isready', '-h', '127.0.0.1'], {
        check: false,
      })
      return code === 0
    })

  beforeAll(async () => {
    writeFileSync(join(scripts, '10-table.sql'), 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7);')
    const insert =
      'psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -c "INSERT INTO kept VALUES (8)"\n'
    writeFileSync(join(scripts, '20-row.sh'), insert)
    await run('chmod', ['-R', 'a+rX', scripts])
  })
  afterAll(() => rmSync(scripts, { recursive: true }))

  it('creates user, database and what the scripts say, hardened', async () => {
    const container = await start(
      image,
      ['postgres', '-c', 'max_connections=37'],
      options('--env=POSTGRES_PASSWORD=only-for-this-test'),
    )
    await ready(container)
    expect(await query(container, 'SELECT sum(n), current_user FROM kept')).toBe('15|owner')
    expect(await query(container, 'SHOW max_connections')).toBe('37')
    expect(await query(container, 'SHOW server_version')).toMatch(/^17\./)
    expect(await exec(container, 'id', '-u')).toBe('999')
  })

  it('takes the password from a file, keeps only its hash, and asks other hosts for it', async () => {
    const secret = join(scripts, 'password.secret')
    writeFileSync(secret, 'from-a-file\n', { mode: 0o644 })
    const file = '--env=POSTGRES_PASSWORD_FILE=/docker-entrypoint-initdb.d/password.secret'
    const container = await start(image, [], options(file))
    await ready(container)
    const login = ['psql', '-h', '127.0.0.1', '-U', 'owner', '-d', 'shop', '-Atc', 'SELECT 1']
    expect(await docker('exec', '--env=PGPASSWORD=from-a-file', container, ...login)).toBe('1')
    const hashed = "SELECT rolpassword LIKE 'SCRAM-SHA-256%' FROM pg_authid WHERE rolname = 'owner'"
    expect(await query(container, hashed)).toBe('t')
    const asked = "SELECT auth_method FROM pg_hba_file_rules WHERE address = 'all'"
    expect(await query(container, asked)).toBe('scram-sha-256')
  })

  it('refuses to create a cluster without a password, in one clear line', async () => {
    const { code, stderr } = await run(
      'docker',
      ['run', '--rm', '--network=none', `--label=${LABEL}`, ...HARDENED, ...options(), image],
      { check: false },
    )
    expect(code).not.toBe(0)
    expect(stderr).toContain('POSTGRES_PASSWORD')
  })

  it('keeps its data over a restart and runs the scripts only once', async () => {
    const container = await docker(
      ...[
        'run',
        '--detach',
        '--network=none',
        `--label=${LABEL}`,
        '--env=POSTGRES_PASSWORD=only-for-this-test',
      ],
      ...['--env=POSTGRES_USER=owner', '--env=POSTGRES_DB=shop'],
      ...[`--volume=${scripts}:/docker-entrypoint-initdb.d:ro`, image],
    )
    await ready(container)
    await query(container, 'INSERT INTO kept VALUES (100)')
    await docker('restart', container)
    await ready(container)
    expect(await query(container, 'SELECT sum(n) FROM kept')).toBe('115')
  })
})

describe('temporalio, server and admin tools', () => {
  it('carry the version of their tag', async () => {
    expect(await once('temporalio/server:1.31.2', ['temporal-server', '--version'])).toContain('1.31.2')
    const tool = await once('temporalio/admin-tools:1.31.2', ['temporal-sql-tool', '--version'])
    expect(tool).toContain('1.31.2')
  })

  it('have what the stack calls in them', async () => {
    expect(await once('temporalio/server:1.31.2', ['sh', '-c', 'command -v wget'])).toContain('wget')
    const schema = '/etc/temporal/schema/postgresql/v12'
    const folders = await once('temporalio/admin-tools:1.31.2', [
      ...['bash', '-c', `ls -d ${schema}/temporal/versioned/v1.0 ${schema}/visibility/versioned/v1.0`],
    ])
    expect(folders.split('\n')).toHaveLength(2)
  })
})
