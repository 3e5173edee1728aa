import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A line between a sender and a mail server that goes dead at a point of the conversation. */
export type Line = {
  port: number
  /** Resolves when what was waited for has come, and the line has gone dead. */
  dead: Promise<void>
  close(): void
}

/** `when` sees each piece that goes through, from whom; as soon as it says yes, that piece and all later ones are lost. */
export async function startLine(
  server: number,
  when: (from: 'client' | 'server', text: string) => boolean,
): Promise<Line> {
  const { promise: dead, resolve } = Promise.withResolvers<void>()
  const sockets = new Set<Socket>()
  let isDead = false
  const listener = createServer((client) => {
    const other = connect(server, '127.0.0.1')
    for (const [from, socket, to] of [
      ['client', client, other],
      ['server', other, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        if (!isDead && when(from, chunk.toString())) {
          isDead = true
          resolve()
        }
        if (!isDead) to.write(chunk)
      })
      socket.on('close', () => to.destroy())
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    dead,
    close() {
      listener.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
