import { createHash } from 'node:crypto'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { openFeed } from '../../../../../apps/api/feed/open.ts'
import { feedFolder } from '../../core/feed/cache.fixture.ts'
import { type Running, startApp } from '../app.fixture.ts'
import { FakeRefresh } from './refresh.fixture.ts'

export const KEY = 'the-key-of-the-tests'
export const OTHER_KEY = 'its-successor'
const hashes = [OTHER_KEY, KEY].map((key) => createHash('sha256').update(key).digest('hex'))

export type Answered = { status: number; headers: IncomingHttpHeaders; body: Buffer }

export type FeedApp = Running & {
  dir: string
  refresh: FakeRefresh
  /** Sends a request with the key, decodes nothing. */
  ask(path: string, headers?: Record<string, string>, method?: string): Promise<Answered>
  /** The same, as soon as the headers are there. */
  begin(path: string, headers?: Record<string, string>, method?: string): Promise<IncomingMessage>
}

/** The application with a feed in a folder of its own, for the time of a test. */
export async function startFeed(): Promise<FeedApp> {
  const dir = await feedFolder()
  const refresh = new FakeRefresh()
  const env = { FEED_DIR: dir, FEED_API_KEY_HASHES: hashes, FEED_SYNC_LIMIT_MS: 60_000 }
  const app = await startApp({ feed: openFeed(env, refresh) })
  onTestFinished(() => app.close())
  const begin: FeedApp['begin'] = (path, headers = {}, method = 'GET') =>
    new Promise((resolve, reject) => {
      const options = { method, headers: { 'x-api-key': KEY, ...headers } }
      request(`${app.url}${path}`, options, resolve).on('error', reject).end()
    })
  const ask: FeedApp['ask'] = async (...given) => {
    const response = await begin(...given)
    const body = await buffer(response)
    return { status: response.statusCode ?? 0, headers: response.headers, body }
  }
  return { ...app, dir, refresh, ask, begin }
}
