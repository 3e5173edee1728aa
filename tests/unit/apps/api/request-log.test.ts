import { connect } from 'node:net'
import { pino } from 'pino'
import { afterEach, expect, test, vi } from 'vitest'
import { productService } from '../../../../apps/api/products/service.ts'
import { type Running, startApp } from './app.fixture.ts'
import { emptyShop, fakeCache } from './fakes.ts'

let app: Running
afterEach(() => app.close())

type Line = { level: number; msg: string; req?: { url: string } } & Record<string, unknown>

/** The application with a catalogue that answers as `list` does, and the lines that it logs. */
async function logging(list: () => Promise<{ products: []; total: number }>) {
  const lines: Line[] = []
  const log = pino({ redact: ['*.password'] }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  app = await startApp({ log, products: productService(emptyShop({ list }), fakeCache()) })
  /** The line of one request, which comes when it is over. */
  const lineOf = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(app.url + path, { headers })
    await response.arrayBuffer()
    return vi.waitUntil(() => lines.find(({ req }) => req?.url === path))
  }
  return { lines, lineOf }
}

const empty = async () => ({ products: [] as [], total: 0 })

test('a request that is over has a line: its id, what it asked for, how it ended and when', async () => {
  const { lineOf } = await logging(empty)
  expect(await lineOf('/api/products?page=2', { 'X-Request-ID': 'edge-12345678' })).toMatchObject({
    level: 30,
    msg: 'request completed',
    req: { id: 'edge-12345678', method: 'GET', url: '/api/products?page=2' },
    res: { statusCode: 200 },
    responseTime: expect.any(Number),
  })
})

test('no line has a header, whatever it holds', async () => {
  const { lines, lineOf } = await logging(empty)
  await lineOf('/nowhere', { authorization: 'Bearer secret', cookie: 'refresh=secret' })
  expect(JSON.stringify(lines)).not.toContain('secret')
})

test('probes have none', async () => {
  const { lines, lineOf } = await logging(empty)
  await fetch(`${app.url}/health`)
  await fetch(`${app.url}/ready`)
  await lineOf('/nowhere')
  expect(lines.map(({ req }) => req?.url)).toEqual(['/nowhere'])
})

test('a failure is logged with its cause, secrets in it blanked', async () => {
  const cause = Object.assign(new Error('broken'), { password: 'hunter2' })
  const { lineOf } = await logging(() => Promise.reject(cause))
  const line = await lineOf('/api/products')
  expect(line).toMatchObject({ level: 50, msg: 'request errored', err: { message: 'broken' } })
  expect(JSON.stringify(line)).not.toContain('hunter2')
})

test('of a lost database there is a line for each request, but no stack', async () => {
  const { lineOf } = await logging(() => Promise.reject(Object.assign(new Error('gone'), { code: 'P1001' })))
  const line = await lineOf('/api/products')
  expect(line).toMatchObject({ level: 40, res: { statusCode: 503 }, reason: expect.stringContaining('gone') })
  expect(line).not.toHaveProperty('err')
})

test('a client that went away is told apart', async () => {
  let asked = () => {}
  const arrived = new Promise<void>((resolve) => {
    asked = resolve
  })
  const { lines } = await logging(() => {
    asked()
    return new Promise(() => {})
  })
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.write('GET /api/products HTTP/1.1\r\nHost: shop\r\n\r\n')
  await arrived
  socket.destroy()
  await vi.waitUntil(() => lines.some(({ msg }) => msg === 'request aborted'))
})
