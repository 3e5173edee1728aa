import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

/** Stands in for pm2-runtime: serves /health on the ports named in SERVES, until a signal or for EXITS_AFTER_MS. */
const PM2 = `#!${process.execPath}
const { createServer } = require('node:http')
const servers = []
for (const port of (process.env.SERVES || '').split(' ').filter(Boolean)) {
  const status = process.env.SICK === port ? 500 : 200
  const server = createServer((request, response) => response.writeHead(request.url === '/health' ? status : 404).end())
  servers.push(server.listen(port))
}
const forever = setInterval(() => {}, 1000)
process.on('SIGUSR2', () => servers.at(-1).close(() => console.log('the last server is gone')))
process.on('SIGTERM', () => {
  console.log('pm2 drains')
  setTimeout(() => process.exit(Number(process.env.ENDS_WITH || 0)), 100)
})
if (process.env.EXITS_AFTER_MS) setTimeout(() => process.exit(5), Number(process.env.EXITS_AFTER_MS))
console.log('pm2 started', process.argv.slice(2).join(' '), 'as', process.pid)
`

let folder: string
let ports: { api: string; reports: string }
const started: ChildProcess[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'startup-'))
  writeFileSync(join(folder, 'pm2-runtime'), PM2)
  chmodSync(join(folder, 'pm2-runtime'), 0o755)
  const [api, reports] = await Promise.all([freePort(), freePort()])
  ports = { api, reports }
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  for (const { pid, exitCode } of started.splice(0))
    if (pid && exitCode === null) process.kill(-pid, 'SIGKILL')
})

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return String(port)
}

function start(env: Record<string, string> = {}) {
  const child = spawn('bash', [resolve('volumes/backend-api/startup-api.sh')], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [folder, process.env.PATH].join(delimiter),
      // There is no /app here.
      'BASH_FUNC_cd%%': '() { :; }',
      MIGRATE_COMMAND: 'true',
      API_ENTRY: 'api.js',
      REPORTS_ENTRY: 'reports.js',
      REPORTS_BACKEND_URL: `http://127.0.0.1:${ports.reports}`,
      REPORTS_START_ATTEMPTS: '4',
      REPORTS_START_PAUSE_MS: '500',
      PORT: ports.api,
      ...env,
    },
  })
  started.push(child)
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said.text += chunk
    })
  }
  const ended = once(child, 'close').then(([code]) => code as number)
  const says = (what: string) =>
    vi.waitFor(() => expect(said.text).toContain(what), { timeout: 10_000, interval: 20 })
  return { child, said, ended, says }
}

const both = () => `${ports.api} ${ports.reports}`

describe('the API starts with its reports backend', () => {
  it('and goes on when that ends later', async () => {
    const run = start({ SERVES: both(), REPORTS_START_ATTEMPTS: '20' })
    await run.says('pm2 started start ')
    await run.says('both answer')
    process.kill(Number(/as (\d+)/.exec(run.said.text)?.[1]), 'SIGUSR2')
    await run.says('the last server is gone')
    expect((await fetch(`http://127.0.0.1:${ports.api}/health`)).status).toBe(200)
    expect(run.child.exitCode).toBeNull()
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(0)
    expect(run.said.text).toContain('pm2 drains')
  })

  it.each([
    ['the reports backend', () => ports.api, /no answer to GET \/health from the reports backend \(127/],
    ['the API', () => ports.reports, /from the API \(port \d+\) after 4 attempts, 500 ms apart/],
    ['both', () => '', /from the reports backend .* and the API/],
  ])('or ends with 1 when %s never answer', async (_, serves, reason) => {
    const run = start({ SERVES: serves() })
    expect(await run.ended).toBe(1)
    expect(run.said.text).toMatch(reason)
    expect(run.said.text).toContain('pm2 drains')
  })

  it('or ends with 1 when it answers that it is not well', async () => {
    const run = start({ SERVES: both(), SICK: ports.reports })
    expect(await run.ended).toBe(1)
  })

  it('or with PM2, at once, when that ends', async () => {
    const run = start({ EXITS_AFTER_MS: '50', REPORTS_START_ATTEMPTS: '1000' })
    expect(await run.ended).toBe(1)
  })
})

describe('a signal reaches PM2', () => {
  it('while the start is still looked at', async () => {
    const run = start({ REPORTS_START_ATTEMPTS: '1000', ENDS_WITH: '7' })
    await run.says('pm2 started')
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(7)
    expect(run.said.text).not.toContain('no answer')
  })

  it('also when it comes twice', async () => {
    const run = start({ SERVES: both(), REPORTS_START_ATTEMPTS: '20' })
    await run.says('both answer')
    run.child.kill('SIGTERM')
    await run.says('pm2 drains')
    run.child.kill('SIGINT')
    expect(await run.ended).toBe(0)
  })

  it('while the database is migrated', async () => {
    const migrating = 'trap "echo given up; exit 3" TERM; echo migrating now; while :; do sleep 0.05; done'
    writeFileSync(join(folder, 'migrate'), migrating)
    const run = start({ MIGRATE_COMMAND: `bash ${join(folder, 'migrate')}` })
    await run.says('migrating now')
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(3)
    expect(run.said.text).toContain('given up')
  })

  it('of an image without a reports backend, which nothing looks at', async () => {
    const run = start({
      REPORTS_ENTRY: '',
      REPORTS_START_ATTEMPTS: '1',
      REPORTS_START_PAUSE_MS: '1',
      ENDS_WITH: '7',
    })
    await run.says('pm2 started')
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(7)
  })
})
