import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startTrial } from '../../../scripts/verify/container.ts'
import { declaredVariables, judgeInside, lookInside } from '../../../scripts/verify/inside.ts'
import { judgeReady } from '../../../scripts/verify/ready.ts'
import { formatPoint } from '../../../scripts/verify/report.ts'
import { openStream } from '../../../scripts/verify/stream.ts'

const variables = {
  READY_COMMAND: 'node ready.js',
  MIGRATE_COMMAND: 'node migrate.js',
  REPLAY_COMMAND: 'node replay.js',
  API_ENTRY: 'api.js',
  REPORTS_ENTRY: 'reports.js',
  CRON_ENTRY: 'cron.js',
  WORKER_ENTRY: 'worker.js',
}
const SEEN: Record<string, string> = {
  uid: '1000',
  node: '/bin/node',
  pm2: '/bin/pm2',
  'pm2-runtime': '/bin/pm2-runtime',
  'drain-streams': '/bin/drain-streams',
  READY_COMMAND: '/bin/node',
  MIGRATE_COMMAND: '/bin/node',
  REPLAY_COMMAND: '/bin/node',
  API_ENTRY: 'api.js',
  REPORTS_ENTRY: 'reports.js',
  CRON_ENTRY: 'cron.js',
  WORKER_ENTRY: 'worker.js',
  migrations: '3',
}
const judge = (changed: Record<string, string> = {}) => {
  const stdout = Object.entries({ ...SEEN, ...changed })
    .map((pair) => `${pair.join('\t')}\n`)
    .join('')
  return judgeInside({ code: 0, stdout, stderr: '' }, variables)
}
const failures = (changed: Record<string, string>) =>
  judge(changed)
    .filter(({ verdict }) => verdict === 'failed')
    .map(({ id }) => id)

describe('what is seen inside an image', () => {
  it('keeps the contract', () => {
    expect(judge().every(({ verdict }) => verdict === 'ok')).toBe(true)
    expect(judge()).toHaveLength(14)
  })
  it.each(Object.keys(SEEN).filter((name) => name !== 'uid'))('lacks %s', (name) => {
    expect(failures({ [name]: '' })).toEqual([name])
  })
  it('is told once that a variable is not declared', () => {
    const { READY_COMMAND, ...others } = variables
    const points = judgeInside({ code: 0, stdout: 'uid\t1000\n', stderr: '' }, others)
    expect([READY_COMMAND, points.some(({ id }) => id === 'READY_COMMAND')]).toEqual(['node ready.js', false])
  })
  it('need not have a reports backend', () => {
    const stdout = Object.entries({ ...SEEN, REPORTS_ENTRY: '' }).map((pair) => pair.join('\t'))
    const { REPORTS_ENTRY, ...others } = variables
    const points = judgeInside({ code: 0, stdout: stdout.join('\n'), stderr: '' }, others)
    expect([REPORTS_ENTRY, points.every(({ verdict }) => verdict === 'ok')]).toEqual(['reports.js', true])
  })
  it('runs as root', () => expect(failures({ uid: '0' })).toEqual(['user']))
  it('is nothing without bash', () => {
    const stderr = 'docker: exec: "bash": executable file not found in $PATH'
    const points = judgeInside({ code: 127, stdout: '', stderr }, variables)
    expect(points).toMatchObject([
      { id: 'bash', verdict: 'failed', detail: expect.stringMatching(/not found/) },
    ])
  })
  it('is judged with what it declares', () => {
    const image = { reference: 'x', id: 'sha256:1', created: '', size: 1, variables }
    expect(declaredVariables(image).verdict).toBe('ok')
    const without = declaredVariables({ ...image, variables: { ...variables, READY_COMMAND: '' } })
    expect(without).toMatchObject({ verdict: 'failed', detail: 'no READY_COMMAND' })
    expect(formatPoint(without)).toMatch(
      /✗ declares how it is run +no READY_COMMAND\n {6}next: set it with ENV/,
    )
  })
})

describe('an answer to /ready', () => {
  const body = { ready: true, colour: 'green', image: 'sha256:1', workers: { ready: 2, expected: 2 } }
  const judged = (status: number, changed: object | string = {}) => {
    const text = typeof changed === 'string' ? changed : JSON.stringify({ ...body, ...changed })
    return judgeReady({ status, body: text }, 'sha256:1', 'blue')
  }
  it('is ready', () => expect(judged(200)).toBe('ready'))
  it('waits for migrations that only a deploy applies', () =>
    expect(judged(503, { ready: false, migrations: { expected: 4, applied: 3 } })).toBe('migrations'))
  it.each<[number, object | string, RegExp]>([
    [503, { ready: false, reason: 'waiting for Redis' }, /waiting for Redis/],
    [200, 'OK', /200, and no JSON/],
    [503, {}, /answers 503/],
    [200, { colour: 'blue' }, /"colour" is blue, but ECOMWEB_COLOUR is green/],
    [200, { image: 'shop:1' }, /"image" is shop:1/],
    [200, { workers: { ready: 1, expected: 2 } }, /1 of 2 processes/],
  ])('%i %j lacks something', (status, changed, missing) =>
    expect(judged(status, changed)).toEqual({ missing: expect.stringMatching(missing) }),
  )
  it('is none', () => expect(judgeReady(undefined, 'x', 'blue')).toEqual({ missing: 'no answer' }))
})

describe('commands', () => {
  it('look without a network, a capability or a place to write', () => {
    const { args } = lookInside('sha256:1', 'x_verify_1', 'true')
    for (const flag of ['--network=none', '--read-only', '--cap-drop=ALL', '--rm'])
      expect(args).toContain(flag)
  })
  it('try the image in the place of the idle colour, without migrating', () => {
    const { args, env } = startTrial('x_verify_1', 'sha256:1', 'blue')
    expect(env).toEqual({ API_GREEN_IMAGE: 'sha256:1' })
    expect(args.at(-1)).toBe('ecomweb_api_green')
    expect(args).toEqual(
      expect.arrayContaining(['--no-deps', '--env=MIGRATE_COMMAND=true', '--env=MIGRATE_DATABASE_URL=']),
    )
    expect(args).not.toContain('--service-ports')
    expect(args).not.toContain('--use-aliases')
  })
})

describe('an event stream', () => {
  let server: Server
  afterEach(() => server.closeAllConnections())
  async function serve(type: string, then: (response: ServerResponse) => void): Promise<string> {
    server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': type }).write(': hello\n\n')
      then(response)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('that ends with a retry hint ends softly', async () => {
    const stream = await openStream(
      await serve('text/event-stream', (response) => response.end('retry: 300\n\n')),
    )
    expect(await stream?.ended(1000)).toEqual({ softly: true, retry: true })
  })
  it('that is cut off does not', async () => {
    const stream = await openStream(
      await serve('text/event-stream', (response) => setImmediate(() => response.destroy())),
    )
    expect(await stream?.ended(1000)).toEqual({ softly: false, retry: false })
  })
  it('that never ends is given up', async () => {
    const stream = await openStream(await serve('text/event-stream', () => {}))
    expect(await stream?.ended(1)).toEqual({ softly: false, retry: false })
  })
  it('is none when it is something else, or nobody answers', async () => {
    expect(await openStream(await serve('text/html', (response) => response.end()))).toBeUndefined()
    expect(await openStream('http://127.0.0.1:1/')).toBeUndefined()
  })
})
