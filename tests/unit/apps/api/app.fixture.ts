import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { type AppParts, buildApp } from '../../../../apps/api/app.ts'
import { Feed } from '../../../../apps/api/events/feed.ts'
import { EventHub } from '../../../../apps/api/events/hub.ts'
import { openFeed } from '../../../../apps/api/feed/open.ts'
import { orderService } from '../../../../apps/api/orders/service.ts'
import { productService } from '../../../../apps/api/products/service.ts'
import { Readiness } from '../../../../apps/api/readiness.ts'
import { UploadStore } from '../../../../apps/api/uploads/store.ts'
import { fakeAccounts } from './accounts.fixture.ts'
import { emptyShop, FakeOrders, FakeOutbox, fakeCache, noEditor, noImports, noSurroundings } from './fakes.ts'
import { FakeRefresh } from './feed/refresh.fixture.ts'

export const silent = pino({ level: 'silent' })

export type Running = { url: string; server: Server; parts: AppParts; close(): Promise<void> }

/** The application in this process on a free port, with everything it talks to replaced. */
export async function startApp(replaced: Partial<AppParts> = {}): Promise<Running> {
  const { accounts } = { accounts: fakeAccounts().accounts, ...replaced }
  const parts: AppParts = {
    log: silent,
    health: {
      readiness: new Readiness(silent),
      services: { look: async () => ({ database: 'up', redis: 'up', temporal: 'up' }) },
      readyWorkers: async () => 1,
      about: {
        environment: 'staging',
        version: '9.9.9',
        colour: 'blue',
        image: 'shop:1',
        worker: '0',
        workers: 2,
      },
    },
    products: productService(emptyShop(), fakeCache()),
    catalogue: noEditor,
    accounts,
    tokens: accounts.tokens,
    orders: orderService(new FakeOrders(), noSurroundings),
    events: new EventHub(new Feed(new FakeOutbox())),
    uploads: new UploadStore('/nonexistent'),
    feed: openFeed(
      { FEED_DIR: '/nonexistent', FEED_API_KEY_HASHES: [], FEED_SYNC_LIMIT_MS: 1000 },
      new FakeRefresh(),
    ),
    reports: { url: 'http://127.0.0.1:9', limitMs: 1000 },
    imports: noImports,
    surface: { appUrl: 'http://shop.test', clientOrigins: [], apiOrigins: [], webDirectory: '/nonexistent' },
    ...replaced,
  }
  const server = createServer(buildApp(parts))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    parts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Whatever the tests look at in an answer. */
export type Answer = { error?: string; reason?: string; status?: string; services?: unknown; url?: string }

export async function readJson(response: Response): Promise<Answer> {
  return (await response.json()) as Answer
}

/** Headers with which a browser asks whether what it has still holds; fetch alone would refuse any cache. */
export const revalidating = (etag: string | null) => ({
  'If-None-Match': etag ?? '',
  'Cache-Control': 'max-age=0',
})
