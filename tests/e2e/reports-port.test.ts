/** The reports backend trusts whoever reaches its port: that nobody does who is not in its container. */
import { connect } from 'node:net'
import { beforeAll, expect, it } from 'vitest'
import { restore } from './harness/colours.ts'
import { runningContainers } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { other } from './harness/stack.ts'

const COLOURS = ['blue', 'green'] as const

beforeAll(() => restore(stack))

/** Whether a container of the stack's network can connect. */
const accepts = async (from: string, host: string, port: number): Promise<boolean> => {
  const attempt = ['timeout', '3', 'bash', '-c', `exec 3<> /dev/tcp/${host}/${port}`]
  return (await stack.docker(['exec', stack.container(from), ...attempt], { check: false })).code === 0
}
const hostConnects = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 })
    const answer = (open: boolean) => () => {
      socket.destroy()
      resolve(open)
    }
    socket.on('connect', answer(true)).on('error', answer(false)).on('timeout', answer(false))
  })

it.each(COLOURS)('the port of %s is reached by its own container alone', async (colour) => {
  const container = stack.container(`api_${colour}`)
  const address = await stack.inspect(container, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')
  const service = `ecomweb-api-${colour}`
  expect(await accepts(`api_${colour}`, '127.0.0.1', 8080)).toBe(true)
  for (const from of ['haproxy', 'redis', `api_${other(colour)}`]) {
    for (const host of [service, container, address]) {
      expect(await accepts(from, host, 3001), `${from} to ${host}:3001`).toBe(true)
      expect(await accepts(from, host, 8080), `${from} to ${host}:8080`).toBe(false)
    }
  }
  expect(await hostConnects(address, 3001)).toBe(true)
  expect(await hostConnects(address, 8080)).toBe(false)
})

it('the backend listens on the loopback interface alone, and is not published', async () => {
  for (const colour of COLOURS) {
    const tables = ['exec', stack.container(`api_${colour}`), 'cat', '/proc/net/tcp', '/proc/net/tcp6']
    const { stdout } = await stack.docker(tables)
    // Columns: local address and port in hexadecimal, the peer's, the state; 0A is listening.
    const listening = stdout.matchAll(/: ([0-9A-F]+):1F90 [0-9A-F]+:0000 0A/g)
    expect([...listening].map(([, address]) => address)).toEqual(['0100007F'])
  }
  const apis = (await runningContainers(stack)).filter(({ service }) => service.includes('api_'))
  expect(apis.flatMap(({ ports }) => Object.keys(ports))).toEqual(['3001/tcp', '3001/tcp'])
})
