import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type Receiver = {
  url: string
  /** When each request was answered (`performance.now()`), in order. */
  answered: number[]
  close(): void
}

/** Somebody else's server that takes its time: answers every request after so many ms, on one address of this host. */
export async function startReceiver(address: string, ms: number): Promise<Receiver> {
  const answered: number[] = []
  const server = createServer(async (request, response) => {
    request.resume()
    await delay(ms)
    response.end('{}')
    answered.push(performance.now())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${address}:${port}/orders`,
    answered,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
