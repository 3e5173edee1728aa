import { createHash } from 'node:crypto'
import http from 'node:http'
import { createInterface } from 'node:readline'
import { startFeedServices } from '../../integration/feed/source.fixture.ts'
import { send } from '../../load/http.ts'
import { newSecret } from './access.ts'
import type { Colour, Stack } from './stack.ts'
import { waitUntil } from './wait.ts'

export type FeedBody = {
  _info?: string
  status: string
  count: number
  updated_at: string
  data: { id: number }[]
}
export type FeedEvent = { type: 'cached' | 'updated' | 'done' | 'error' | 'retry'; payload?: FeedBody }
export type FeedStatus = {
  status: string
  count: number | null
  bytes: number | null
  checksum: string | null
  refresh: {
    in_progress: boolean
    phase?: string
    rows?: number
    rows_expected?: number
    last: { status: string; failure?: string } | null
  }
}
type Asking = { method?: string; headers?: Record<string, string>; colour?: Colour }

/** The data feed of a stack as its clients see it; `colour` asks one directly instead of through the edge. */
export class StackFeed {
  readonly key = newSecret()
  readonly #stack: Stack

  constructor(stack: Stack) {
    this.#stack = stack
  }

  /** What .env.api has to say for the key to be accepted. */
  get settings(): Record<string, string> {
    const hash = createHash('sha256').update(this.key).digest('hex')
    return { FEED_API_KEY: this.key, FEED_API_KEY_HASHES: hash }
  }

  /** Asks once; the body is as it came, and `json` what it says. */
  async ask<T = FeedBody>(path: string, { method = 'GET', headers = {}, colour }: Asking = {}) {
    const url = new URL(path, colour ? this.#stack.directUrl(colour) : this.#stack.url)
    const answer = await send(url, { method, headers: { 'x-api-key': this.key, ...headers } })
    return {
      ...answer,
      json: () => JSON.parse(answer.body.toString('utf8')) as T,
      sha256: createHash('sha256').update(answer.body).digest('hex'),
    }
  }

  /** The tag of what a colour serves now. */
  async tag(colour: Colour): Promise<string | undefined> {
    return (await this.ask('/fetch-data', { method: 'HEAD', colour })).headers.etag
  }

  async status(colour?: Colour): Promise<FeedStatus> {
    return (await this.ask<FeedStatus>('/status', colour ? { colour } : {})).json()
  }

  /** What POST /refresh says, with its status. */
  async refresh(colour?: Colour): Promise<string> {
    const answer = await this.ask<{ status?: string; error?: string }>('/refresh', {
      method: 'POST',
      ...(colour && { colour }),
    })
    const { status, error } = answer.json()
    return `${answer.status} ${status ?? error}`
  }

  /** Waits until the refresh has ended and answers how. */
  ended(timeoutMs = 60_000): Promise<NonNullable<FeedStatus['refresh']['last']>> {
    const look = async () => {
      const { in_progress, last } = (await this.status()).refresh
      return in_progress ? undefined : (last ?? undefined)
    }
    return waitUntil('the refresh has ended', look, { timeoutMs })
  }

  /** Opens a stream; `retry` stands for the hint of a server that ends it before it is done. */
  stream(query = ''): Promise<{ servedBy: string; next(): Promise<FeedEvent | undefined> }> {
    const url = new URL(`/fetch-data?stream=true${query}`, this.#stack.url)
    return new Promise((resolve, reject) => {
      const request = http.get(url, { agent: false, headers: { 'x-api-key': this.key } }, (response) => {
        const events = eventsOf(response)
        resolve({
          servedBy: String(response.headers['x-served-by']),
          next: async () => (await events.next()).value,
        })
      })
      request.once('error', reject)
    })
  }
}

async function* eventsOf(response: http.IncomingMessage): AsyncGenerator<FeedEvent, undefined> {
  for await (const line of createInterface(response)) {
    if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length)) as FeedEvent
    if (line.startsWith('retry: ')) yield { type: 'retry' }
  }
  if (!response.complete) throw new Error('the stream was cut off')
  return undefined
}

/** A real phpMyAdmin with its MariaDB in the stack's network, and what .env.api has to say for it to be the source. */
export async function startFeedSource(stack: Stack) {
  const services = await startFeedServices(`ecw-data-${process.pid}`)
  const { container, user, password } = services
  await stack.docker(['network', 'connect', '--alias', 'phpmyadmin', `${stack.info.name}_default`, container])
  const settings = {
    FEED_SOURCE_URL: 'http://phpmyadmin:8080/',
    FEED_SOURCE_USER: user,
    FEED_SOURCE_PASSWORD: password,
  }
  /** Nothing comes from it meanwhile, so that a refresh lasts as long as a test looks at it. */
  const whilePaused = async (work: () => Promise<void>) => {
    await stack.docker(['pause', container])
    await work().finally(() => stack.docker(['unpause', container]))
  }
  return { ...services, settings, whilePaused }
}
