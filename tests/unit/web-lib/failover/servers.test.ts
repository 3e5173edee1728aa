import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFailover, type Failover } from '../../../../apps/web/lib/failover/failover.ts'

type Shop = { url: string; received: string[]; stop(): Promise<void>; start(): Promise<void> }

const opened: { stop(): Promise<void> }[] = []
let failover: Failover | undefined

afterEach(async () => {
  failover?.close()
  for (const shop of opened.splice(0)) await shop.stop()
})

/** A server on a port of its own, which it keeps when it is started again. */
async function shopAt(name: string): Promise<Shop> {
  const received: string[] = []
  let server: Server | undefined
  let port = 0
  const shop: Shop = {
    url: '',
    received,
    async start() {
      server = createServer((request, response) => {
        if (request.url === '/api/health') return response.end('{"status":"healthy"}')
        received.push(`${request.method} ${request.url}`)
        return response.end(name)
      })
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      port = (server.address() as AddressInfo).port
      shop.url = `http://127.0.0.1:${port}`
    },
    async stop() {
      const ending = server
      server = undefined
      if (!ending) return
      ending.close()
      ending.closeAllConnections()
      await once(ending, 'close')
    },
  }
  await shop.start()
  opened.push(shop)
  return shop
}

describe('real servers', () => {
  it('are left when they are killed and returned to when they are back; no order is sent twice', async () => {
    const [first, second] = [await shopAt('first'), await shopAt('second')]
    failover = createFailover({
      backends: [first.url, second.url],
      timing: { checkEveryMs: 20, firstRetryMs: 10, maximumRetryMs: 40, answerWithinMs: 2000 },
    })
    const open = failover
    const read = async () => (await open.fetch('/api/products')).text()
    const becomes = (url: string) =>
      vi.waitFor(() => expect(open.current).toBe(url), { timeout: 5000, interval: 5 })

    expect(await read()).toBe('first')
    await first.stop()
    expect(await read()).toBe('second')
    await becomes(second.url)

    await first.start()
    await becomes(first.url)
    expect(await read()).toBe('first')

    // A plain POST to a server that was just killed fails, rather than being sent to the next one.
    await first.stop()
    const outcome = await open.fetch('/api/orders', { method: 'POST' }).then(
      (response) => response.text(),
      () => 'failed',
    )
    const orders = [...first.received, ...second.received].filter((line) => line === 'POST /api/orders')
    expect(orders).toHaveLength(outcome === 'failed' ? 0 : 1)

    await second.stop()
    await expect(read()).rejects.toThrow('fetch failed')
    await second.start()
    await becomes(second.url)
    expect(await read()).toBe('second')
  })
})
