import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { checkFromOutside } from '../../../../scripts/outside/check.ts'

type Shop = { health?: unknown; database?: unknown; hello?: boolean; upgrade?: boolean }

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function shop({ health = 'ok', database = 'up', hello = true, upgrade = true }: Shop): Promise<string> {
  const sockets = new WebSocketServer({ noServer: true })
  server = createServer((request, response) => {
    if (request.url === '/health') response.end(JSON.stringify({ status: health }))
    else if (request.url === '/api/health') {
      response.end(JSON.stringify({ status: 'healthy', services: { database }, version: '1.2.3' }))
    } else response.writeHead(404).end()
  })
  server.on('upgrade', (request, socket, head) => {
    if (!upgrade || request.url !== '/api/orders/ws') return socket.end('HTTP/1.1 503 Unavailable\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (connected) => {
      if (hello) connected.send('{"event":"hello","id":7}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const verdicts = async (address: string, limitMs = 5000) =>
  Object.fromEntries(
    (await checkFromOutside(address, limitMs)).map(({ name, ok, seen }) => [name, ok || seen]),
  )

const WELL = { API: true, WebSocket: true, database: true }

describe('a shop, looked at from outside', () => {
  it('is well when API, WebSocket and database are', async () => {
    expect(await verdicts(`${await shop({})}/`)).toEqual(WELL)
  })

  it('is told apart by what is not', async () => {
    expect(await verdicts(await shop({ health: 'draining' }))).toEqual({
      ...WELL,
      API: '/health says "draining"',
    })
    expect(await verdicts(await shop({ database: 'down' }))).toEqual({ ...WELL, database: 'is "down"' })
    expect(await verdicts(await shop({ database: null }))).toEqual({
      ...WELL,
      database: 'is "not mentioned"',
    })
    expect(await verdicts(await shop({ upgrade: false }))).toEqual({ ...WELL, WebSocket: 'was not accepted' })
  })

  it('needs a WebSocket that speaks, not only one that opens', async () => {
    expect(await verdicts(await shop({ hello: false }), 300)).toMatchObject({ WebSocket: 'says nothing' })
  })

  it('is not well at all when nobody answers', async () => {
    const address = await shop({})
    server?.close()
    const checks = await checkFromOutside(address)
    expect(checks.map(({ ok }) => ok)).toEqual([false, false, false])
    expect(checks[0]?.seen).toContain('ECONNREFUSED')
  })
})
