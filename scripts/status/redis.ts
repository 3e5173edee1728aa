import { createConnection } from 'node:net'

export type RedisFacts = { clients: number; rejected: number }

/** Parses `INFO` of Redis: connections now, and connections refused since it started. */
export function parseInfo(text: string): RedisFacts {
  const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN)
  return { clients: number('connected_clients'), rejected: number('rejected_connections') }
}

/** Asks Redis once over a connection of its own. Errors: refused, or silent for two seconds. */
export function readRedis(url: string): Promise<RedisFacts> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port || 6379), hostname)
    let text = ''
    socket.setEncoding('utf8').setTimeout(2000, () => socket.destroy(new Error('no answer within 2 s')))
    socket.once('error', reject)
    socket.once('end', () => resolve(parseInfo(text)))
    socket.on('data', (part: string) => {
      text += part
    })
    socket.write('INFO clients\r\nINFO stats\r\nQUIT\r\n')
  })
}
