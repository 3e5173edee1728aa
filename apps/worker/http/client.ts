import { setTimeout as delay } from 'node:timers/promises'
import CircuitBreaker from 'opossum'
import type { Log } from '../../core/log.ts'
import { exchange, type HttpAnswer, type HttpRequest } from './exchange.ts'
import { HttpFailure } from './failure.ts'

export type HttpOptions = {
  log: Pick<Log, 'info' | 'warn'>
  /** Of one attempt. */
  timeoutMs?: number
  /** How often a request is sent at most. */
  attempts?: number
  /** For how long a host is left alone that fails too often. */
  resetMs?: number
  /** In [0, 1). */
  random?: () => number
  sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>
}

const FIRST_PAUSE_MS = 200
/** Whoever is asked to wait for longer does that elsewhere: a request does not hold its worker up. */
const LONGEST_PAUSE_MS = 5000

/** Of the requests of ten seconds, if there were at least five. */
const BREAKER = { volumeThreshold: 5, errorThresholdPercentage: 50, rollingCountTimeout: 10_000 }

/** Requests to other people's servers. */
export type HttpClient = {
  /**
   * Sends a request, again after a failure if that can do no harm: its method says so, or it has an Idempotency-Key.
   * Answers whatever ends it, a 4xx too. Errors: HttpFailure.
   */
  request(request: HttpRequest): Promise<HttpAnswer>
  /** Forgets its hosts; after this nothing may be sent. */
  close(): void
}

export function httpClient(options: HttpOptions): HttpClient {
  const { log, timeoutMs = 5000, attempts = 3, resetMs = 30_000, random = Math.random } = options
  const sleep = options.sleep ?? ((ms, signal) => delay(ms, undefined, signal ? { signal } : {}))
  type Breaker = CircuitBreaker<[HttpRequest], HttpAnswer>
  const breakers = new Map<string, { breaker: Breaker; openedAt: number }>()

  /** One for each host, so that one that is down costs the others nothing. */
  function breakerOf(url: string) {
    const { host } = new URL(url)
    const known = breakers.get(host)
    if (known) return known
    const breaker = new CircuitBreaker((request: HttpRequest) => exchange(request, timeoutMs), {
      ...BREAKER,
      timeout: false,
      resetTimeout: resetMs,
      // What the caller ends says nothing about the host, and neither does one who asks for patience.
      errorFilter: (error: Error) => !(error instanceof HttpFailure) || error.status === 429,
    })
    const made = { breaker, openedAt: 0 }
    breaker.on('open', () => {
      made.openedAt = Date.now()
      log.warn({ host }, 'a host fails too often: leaving it alone for a while')
    })
    breaker.on('close', () => log.info({ host }, 'a host answers again'))
    breakers.set(host, made)
    return made
  }

  async function once(request: HttpRequest): Promise<HttpAnswer> {
    const { breaker, openedAt } = breakerOf(request.url)
    try {
      return await breaker.fire(request)
    } catch (error) {
      if (!CircuitBreaker.isOurError(error as Error)) throw error
      const retryAfterMs = Math.max(0, openedAt + resetMs - Date.now())
      const { host } = new URL(request.url)
      throw new HttpFailure(`${host} is left alone for a while`, { kind: 'open', retryAfterMs })
    }
  }

  return {
    async request(request) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(request)
        } catch (error) {
          if (!(error instanceof HttpFailure) || error.kind === 'open') throw error
          const wait = Math.max(pause(attempt, random()), error.retryAfterMs ?? 0)
          if (attempt === attempts || !isRepeatable(request) || wait > LONGEST_PAUSE_MS) throw error
          await sleep(wait, request.signal)
        }
      }
    },
    close() {
      for (const { breaker } of breakers.values()) breaker.shutdown()
      breakers.clear()
    },
  }
}

const SAFE = new Set<HttpRequest['method']>(['GET', 'HEAD', 'PUT', 'DELETE'])

const isRepeatable = ({ method, headers = {} }: HttpRequest): boolean =>
  SAFE.has(method) || Object.keys(headers).some((name) => name.toLowerCase() === 'idempotency-key')

/** 200 ms, 400 ms, 800 ms …, of which a random half is left out, so that those who failed together come apart. */
const pause = (attempt: number, random: number): number =>
  FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + random / 2)
