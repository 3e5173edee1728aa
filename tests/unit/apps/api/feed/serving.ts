import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { openFeed } from '../../../../../apps/api/feed/open.ts'
import { feedRoutes } from '../../../../../apps/api/feed/routes.ts'
import { FakeRefresh } from './refresh.fixture.ts'

/** A process that serves the feed of a folder as the API does; it answers each message with the memory it has now. */
const [dir = '', hash = ''] = process.argv.slice(2)
const env = { FEED_DIR: dir, FEED_API_KEY_HASHES: [hash], FEED_SYNC_LIMIT_MS: 60_000 }
const app = express().use(feedRoutes(openFeed(env, new FakeRefresh())))
const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
process.on('message', () => process.send?.({ rss: process.memoryUsage().rss }))
process.on('disconnect', () => process.exit())
