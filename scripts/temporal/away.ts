import { createConnection } from 'node:net'

const PORT = 7233

/** Nobody listens where Temporal should be: to ask again at once is of no use. */
export class TemporalAway extends Error {
  override name = 'TemporalAway'
}

/**
 * Looks whether anybody listens at `host:port`; gRPC would go on trying until its deadline, whatever the reason.
 * Errors: TemporalAway; no connection within `limitMs`.
 */
export function reachTemporal(address: string, limitMs: number): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`)
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port: Number(port || PORT), timeout: limitMs })
    const end = (act: () => void) => () => {
      socket.destroy()
      act()
    }
    socket.once('connect', end(resolve))
    socket.once(
      'timeout',
      end(() => reject(new Error(`no connection to ${address} within ${limitMs} ms`))),
    )
    socket.once('error', ({ message }) => reject(new TemporalAway(message)))
  })
}
