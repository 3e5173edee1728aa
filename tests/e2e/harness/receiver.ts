import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Stack } from './stack.ts'

/** Somebody else's server, as the containers of a stack reach it on this host. */
export type Receiver = {
  url: string
  /** Takes what comes from now on; before that, everyone is asked to come again. */
  open(): void
  /** Asks everyone to come again from now on. */
  shut(): void
  /** How often each delivery was taken, by its Idempotency-Key. */
  taken: Map<string, number>
  close(): void
}

/** Starts one that is closed: it answers 429, to come again after so many seconds. */
export async function startReceiver(stack: Stack, againAfterSeconds: number): Promise<Receiver> {
  const format = ['--format', '{{(index .IPAM.Config 0).Gateway}}']
  const gateway = await stack.docker(['network', 'inspect', ...format, `${stack.info.name}_default`])
  const address = gateway.stdout.trim()
  const taken = new Map<string, number>()
  let isOpen = false
  const server = createServer((request, response) => {
    request.resume()
    const key = String(request.headers['idempotency-key'])
    if (isOpen) taken.set(key, (taken.get(key) ?? 0) + 1)
    else response.writeHead(429, { 'retry-after': String(againAfterSeconds) })
    response.end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}/orders`,
    open() {
      isOpen = true
    },
    shut() {
      isOpen = false
    },
    taken,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
