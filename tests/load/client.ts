import http from 'node:http'
import { exemption } from './access.ts'
import { type Answer, type SendOptions, send } from './http.ts'
import { crowd } from './pace.ts'
import type { LoadClass } from './recorder.ts'
import type { Crowd, Target } from './target.ts'

/**
 * One customer. What the edge tells customers apart by is its own: the User-Agent, and the cookies that it was given
 * and brings back as a browser does, so that it stays in the bucket of a canary that it fell into.
 */
export class Client {
  readonly #own: Record<string, string>
  readonly #agent: http.Agent | false
  readonly #cookies = new Map<string, string>()

  /** `keepsConnection`: one connection for all requests, instead of a new one for each; `more` goes with each. */
  constructor(name: string, keepsConnection: boolean, more: Record<string, string> = {}) {
    this.#own = { 'user-agent': name, ...more }
    this.#agent = keepsConnection && new http.Agent({ keepAlive: true, maxSockets: 1 })
  }

  /** What this client sends with every request. */
  get headers(): Record<string, string> {
    const cookies = [...this.#cookies].map(([name, value]) => `${name}=${value}`)
    return { ...this.#own, ...(cookies.length > 0 && { cookie: cookies.join('; ') }) }
  }

  /** Keeps the cookies of an answer, and drops those that it takes back. */
  keep({ 'set-cookie': lines = [] }: http.IncomingHttpHeaders): void {
    for (const line of lines) {
      const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(line) ?? []
      if (name === undefined || value === undefined) continue
      if (/;\s*max-age=0\s*(;|$)/i.test(line)) this.#cookies.delete(name)
      else this.#cookies.set(name, value.trim())
    }
  }

  async send(url: URL, options: Omit<SendOptions, 'agent'> = {}): Promise<Answer> {
    const headers = { ...this.headers, ...options.headers }
    const answer = await send(url, { ...options, headers, agent: this.#agent })
    this.keep(answer.headers)
    return answer
  }

  close(): void {
    if (this.#agent) this.#agent.destroy()
  }
}

/** The name by which the edge and its logs can tell a client from all others. */
export const clientName = (run: string, name: LoadClass, number: number): string => `${run} ${name}/${number}`

/** A crowd (see pace.ts) of which each member is a client of its own. */
export async function visitors(
  { run, stop, access }: Target,
  { name, size, keepsConnection }: { name: LoadClass; size: Crowd; keepsConnection: boolean },
  work: (client: Client, worker: number) => () => Promise<unknown>,
): Promise<void> {
  const clients: Client[] = []
  await crowd({ ...size, stop }, (worker) => {
    const client = new Client(clientName(run, name, worker), keepsConnection, exemption(access))
    clients.push(client)
    return work(client, worker)
  })
  for (const client of clients) client.close()
}
