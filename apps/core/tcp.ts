import { connect } from 'node:net'

/**
 * Whether something listens at `host:port`; undefined, or why not, in words. Clients of higher protocols often
 * hide this behind a time-out.
 */
export function explainUnreachable(address: string, timeoutMs: number): Promise<string | undefined> {
  const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? []
  if (!host) return Promise.resolve('the address should look like host:7233')
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port: Number(port), timeout: timeoutMs })
    const end = (answer: string | undefined) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(undefined))
    socket.once('timeout', () => end('no answer in time'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(WORDS[error.code ?? ''] ?? error.message))
  })
}

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused (nothing listens there)',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be resolved at the moment',
  EHOSTUNREACH: 'the host cannot be reached',
}
