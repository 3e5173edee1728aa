import { createConnection } from 'node:net'
import { join } from 'node:path'
import { KitError } from '../errors.ts'

export const adminSocket = (root: string): string => join(root, 'haproxy/run/admin.sock')

/**
 * Sends one line to HAProxy's admin socket and resolves with the whole answer. A line may hold several
 * commands separated by `;`. The socket is half-closed after the line, so HAProxy closes when it is done.
 * Errors: nobody listens, or no whole answer within `timeoutMs`.
 */
export function askHaproxy(socketPath: string, line: string, timeoutMs = 3000): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(
        new KitError('HAProxy does not answer on its admin socket', {
          why: `${socketPath}: ${why}`,
          next: './ecomweb logs ecomweb_haproxy',
        }),
      )
    const socket = createConnection(socketPath)
    let answer = ''
    socket.setEncoding('utf8').setTimeout(timeoutMs, () => {
      socket.destroy()
      fail(`no answer within ${timeoutMs} ms`)
    })
    socket.on('data', (text: string) => {
      answer += text
    })
    socket.once('error', (error) => fail(error.message))
    socket.once('end', () => resolve(answer))
    socket.end(`${line}\n`)
  })
}
