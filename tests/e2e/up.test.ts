import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { runningContainers } from './harness/containers.ts'
import { stack } from './harness/current.ts'

describe('up, run again', () => {
  it('changes nothing: same containers, same settings', async () => {
    const look = async () => ({
      containers: (await runningContainers(stack)).map(({ name, id, startedAt }) => ({
        name,
        id,
        startedAt,
      })),
      files: ['.env', '.env.api', 'haproxy/state/routes.map'].map((file) =>
        readFileSync(stack.file(file), 'utf8'),
      ),
    })
    const before = await look()
    await stack.ecomweb(['up'])
    expect(await look()).toEqual(before)
  })

  it('writes new limits without recreating anything that runs', async () => {
    const settings = readFileSync(stack.file('.env'), 'utf8')
    const ids = async () => (await runningContainers(stack)).map(({ id }) => id)
    const before = await ids()
    try {
      const { stdout } = await stack.ecomweb(['up', '--profile', 'production'])
      expect(stdout).toContain('keep their limits')
      expect(stack.setting('API_MEMORY')).toBe('2G')
      expect(await ids()).toEqual(before)
    } finally {
      writeFileSync(stack.file('.env'), settings)
    }
  })
})

it('a reader that goes away does not end a command', async () => {
  const { stdout } = await stack.shell('{ ./ecomweb help; echo "ended with $?" >&2; } 2>&1 >/dev/full')
  expect(stdout).toContain('ended with 0')
  const piped = await stack.shell('{ { ./ecomweb help; echo "ended with $?" >&3; } | true; } 3>&1')
  expect(piped.stdout).toContain('ended with 0')
})

describe('a running stack', () => {
  it.each(['.env', '.env.api'])('keeps %s to its owner', (file) => {
    expect((statSync(stack.file(file)).mode & 0o777).toString(8)).toBe('600')
  })

  it('publishes nothing but HTTP beyond loopback', async () => {
    const open = (await runningContainers(stack)).flatMap(({ name, ports }) =>
      Object.entries(ports).flatMap(([inside, bindings]) =>
        (bindings ?? [])
          .filter(({ HostIp }) => HostIp !== '127.0.0.1')
          .map(({ HostPort }) => `${name} ${inside} on ${HostPort}`),
      ),
    )
    expect(new Set(open)).toEqual(
      new Set([`${stack.container('haproxy')} 8080/tcp on ${stack.info.httpPort}`]),
    )
  })

  it('answers other addresses of this machine on the public port only', async () => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((found) => found && !found.internal && found.family === 'IPv4')?.address
    if (!address) return
    const { httpPort, statsPort, bluePort, greenPort } = stack.info
    expect(await accepts(address, httpPort)).toBe(true)
    for (const port of [statsPort, bluePort, greenPort]) expect(await accepts(address, port)).toBe(false)
    for (const port of [statsPort, bluePort, greenPort]) expect(await accepts('127.0.0.1', port)).toBe(true)
  })

  it('keeps readiness and metrics from the public', async () => {
    for (const path of ['/ready', '/READY/', '/metrics', '/%72eady', '//ready']) {
      expect((await stack.get(path)).status, path).toBe(404)
    }
  })
})

const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 })
    const answer = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.on('connect', () => answer(true))
    socket.on('error', () => answer(false))
    socket.on('timeout', () => answer(false))
  })
