import { exemption } from './access.ts'
import { Client, clientName } from './client.ts'
import { around, pause } from './pace.ts'
import { type Attempt, AttemptFailed, type LoadClass } from './recorder.ts'
import type { Streams, Target } from './target.ts'
import { Trail } from './trail.ts'

const CONNECT_LIMIT_MS = 30_000
const RECONNECT_MS = 50

/** One connection as its protocol reports it. */
export type Visit = {
  /** True once we said goodbye: what the other side does from here on is no failure. */
  readonly leaving: boolean
  /** The connection stands; its life begins. */
  connected(): void
  /** It ended as it may; `retryMs` is how long the server asked us to stay away. */
  ended(retryMs?: number): void
  failed(reason: string): void
}

/** Who visits: as whom (a guest without a token), from where in the event log, and as which attempt it counts. */
export type Subscriber = { client: Client; token: string | undefined; trail: Trail; attempt: Attempt }

/** Opens one connection for a visit and returns how to leave it; the protocol reports through the visit. */
export type Connect = (visit: Visit, subscriber: Subscriber) => { leave(): void }

/** Clients of a stream that stay a while, leave, and come back to where they were, until the load stops. */
export async function subscribers(
  name: LoadClass,
  { recorder, stop, run, access }: Target,
  { clients, lifeMs }: Streams,
  trails: Trail[],
  connect: Connect,
): Promise<void> {
  await Promise.all(
    Array.from({ length: clients }, async (_, number) => {
      const client = new Client(clientName(run, name, number), false, exemption(access))
      const trail = new Trail(`${name} ${number}`)
      trails.push(trail)
      await pause((lifeMs * number) / clients, stop)
      while (!stop.aborted) {
        let waitMs = around(RECONNECT_MS)
        await recorder.attempt(name, async (attempt) => {
          const token = await access.token?.()
          const stay = { lifeMs: around(lifeMs), stop }
          waitMs = (await visit(stay, (visit) => connect(visit, { client, token, trail, attempt }))) ?? waitMs
        })
        await pause(waitMs, stop)
      }
    }),
  )
}

function visit(
  { lifeMs, stop }: { lifeMs: number; stop: AbortSignal },
  open: (visit: Visit) => { leave(): void },
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    let state: 'connecting' | 'connected' | 'leaving' | 'over' = 'connecting'
    let timer = setTimeout(() => failed(`not connected within ${CONNECT_LIMIT_MS} ms`), CONNECT_LIMIT_MS)
    const over = (): boolean => {
      if (state === 'over') return false
      state = 'over'
      clearTimeout(timer)
      stop.removeEventListener('abort', leave)
      return true
    }
    const ended = (retryMs?: number): void => {
      if (over()) resolve(retryMs)
    }
    const failed = (reason: string): void => {
      const phase = state === 'connecting' ? 'connect' : 'stream'
      if (!over()) return
      reject(new AttemptFailed(phase, reason))
      connection.leave()
    }
    const leave = (): void => {
      if (state !== 'connected') return
      state = 'leaving'
      connection.leave()
    }
    const connected = (): void => {
      state = 'connected'
      clearTimeout(timer)
      if (stop.aborted) leave()
      else timer = setTimeout(leave, lifeMs)
    }
    stop.addEventListener('abort', leave)
    const connection = open({
      get leaving() {
        return state === 'leaving'
      },
      connected,
      ended,
      failed,
    })
  })
}
