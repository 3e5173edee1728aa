import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Feed } from '../../apps/api/events/feed.ts'
import { EventHub } from '../../apps/api/events/hub.ts'
import type { Viewer } from '../../apps/api/events/viewer.ts'
import { wakeOnNews } from '../../apps/api/events/wake-ups.ts'
import type { Database } from '../../apps/core/database.ts'
import { newestEventId, readEvents, wakeReaders } from '../../apps/core/outbox.ts'
import { openRedis } from '../../apps/core/redis.ts'
import { waitUntil } from '../e2e/harness/wait.ts'
import { type OwnDatabase, ownDatabase } from './database.ts'
import { follow } from './follow.ts'
import { redisUrl } from './redis.ts'

const ANNA = '00000000-0000-4000-8000-00000000000a'
const BERT = '00000000-0000-4000-8000-00000000000b'
const VIEWERS: Viewer[] = ['guest', `user:${ANNA}`, `user:${BERT}`, 'admin']
const PATIENCE = { timeoutMs: 20_000, everyMs: 20 }

let own: OwnDatabase
let admin: Redis
const processes: Process[] = []
const REDIS_URL = redisUrl(5)
const NUMBER = Number(new URL(REDIS_URL).pathname.slice(1))

beforeAll(async () => {
  own = await ownDatabase()
  admin = new Redis(inject('services').redis)
})
afterAll(async () => {
  for (const each of processes) await each.close()
  admin.disconnect()
  await own.drop()
})

/** What one API process has of the live events: connections of its own, a hub. */
type Process = { database: Database; redis: Redis; hub: EventHub; close(): Promise<void> }

function startProcess(pollMs = 250): Process {
  const database = own.open('nobody', 3)
  const redis = openRedis({ REDIS_URL })
  const wakeUps = openRedis({ REDIS_URL })
  const source = {
    read: (after: bigint, limit: number) => readEvents(database, after, limit),
    newest: () => newestEventId(database),
  }
  const feed = new Feed(source, { pollMs, pulseMs: 100, page: 7, kept: 20 })
  wakeOnNews(feed, wakeUps)
  const hub = new EventHub(feed)
  const close = async () => {
    await hub.close(0)
    feed.wake()
    await waitUntil('its clients are gone', () => hub.size === 0)
    redis.disconnect()
    wakeUps.disconnect()
  }
  const started = { database, redis, hub, close }
  processes.push(started)
  return started
}

/** Appends an event as the last statement of a transaction, as the shop does; every ninth is rolled back. */
async function append(database: Database, number: number): Promise<void> {
  const user = [ANNA, BERT, null][number % 3] ?? null
  const event = number % 7 === 0 ? 'stock.changed' : 'order.created'
  const moved = number % 2 === 0 || event === 'stock.changed'
  const data = { at: 'now', ...(moved && { stock: [{ product_id: 1, stock: number }] }) }
  await database
    .$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT pg_sleep(${(number % 5) / 1000})::text`
      await transaction.$executeRaw`
        WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(7266001::bigint))
        INSERT INTO outbox (event, order_id, payload, user_id)
        SELECT ${event}, gen_random_uuid(), ${JSON.stringify(data)}::jsonb, ${user}::uuid FROM turn`
      if (number % 9 === 0) throw new Error('rolled back')
    })
    .catch((error: Error) => {
      if (error.message !== 'rolled back') throw error
    })
}

/** What a viewer is due after an event, by the table itself and with rules of its own. */
async function due(viewer: Viewer, after: bigint): Promise<string[]> {
  const rows = await own.sql<{ told: string }>(
    `SELECT id || CASE WHEN whole THEN ' order.created' ELSE ' stock.changed' END AS told
     FROM outbox, LATERAL (SELECT event = 'order.created' AND
       ($1 = 'admin' OR coalesce($1 = 'user:' || user_id::text, false)) AS whole) AS judged
     WHERE id > $2 AND (whole OR payload ? 'stock') ORDER BY id`,
    [viewer, String(after)],
  )
  return rows.map(({ told }) => told)
}

/** The connections to this file's Redis database; `subscribed`: only those that wait for wake-ups. */
async function connections(subscribed = false): Promise<string[]> {
  const lines = String(await admin.client('LIST')).split('\n')
  const ours = lines.filter((line) => line.includes(` db=${NUMBER} `))
  return ours
    .filter((line) => !subscribed || line.includes(' sub=1 '))
    .flatMap((line) => /^id=(\d+)/.exec(line)?.[1] ?? [])
}

/** Empties Redis and cuts every connection to it, those that wait for wake-ups among them. */
async function loseRedis(): Promise<number> {
  const lost = await connections()
  await admin.multi().select(NUMBER).flushdb().select(0).exec()
  for (const id of lost) await admin.client('KILL', 'ID', Number(id)).catch(() => {})
  return lost.length
}

test('no viewer loses, repeats or is shown too much of any event while Redis is flushed and its connections cut', async () => {
  const [blue, green] = [startProcess(), startProcess()]
  const hubs = [blue.hub, green.hub]
  await waitUntil('both wait for wake-ups', async () => (await connections(true)).length === 2, PATIENCE)
  const from = await newestEventId(blue.database)
  const followers = VIEWERS.flatMap((viewer) => hubs.map((hub) => follow(viewer, hub, from)))

  let number = 0
  let cut = 0
  const write = async (upTo: number, { database, redis }: Process) => {
    while (number < upTo) {
      await append(database, ++number)
      void wakeReaders(redis)
    }
  }
  for (const round of [1, 2, 3]) {
    const writing = [blue, green, blue, green].map((process) => write(round * 150, process))
    await waitUntil('the round is half over', () => number > round * 150 - 75, { ...PATIENCE, everyMs: 1 })
    if (round === 2)
      for (const [index, each] of followers.entries()) each.moveTo(hubs[1 - (index % 2)] as EventHub)
    else cut += await loseRedis()
    await Promise.all(writing)
  }

  for (const { viewer, seen } of followers) {
    const expected = await due(viewer, from)
    await waitUntil(`${viewer} has the last event`, () => seen.at(-1) === expected.at(-1), PATIENCE)
    expect(seen).toEqual(expected)
  }
  const [guest, anna] = [followers[0], followers[2]].map((each) => each?.seen.length ?? 0)
  const all = followers[6]?.seen.length ?? 0
  expect(all).toBe(400)
  expect(guest).toBeLessThan(anna ?? 0)
  expect(anna).toBeLessThan(all)
  expect(cut).toBeGreaterThanOrEqual(6)
})

test('wake-ups come again after their connections were cut, and with them what was written meanwhile', async () => {
  const seldom = [startProcess(3_600_000), startProcess(3_600_000)]
  const [writer] = processes as [Process]
  const from = await newestEventId(writer.database)
  const followers = seldom.map(({ hub }) => follow('admin', hub, from))
  const subscribed = async () => (await connections(true)).length === processes.length
  const news = async () => {
    const [before] = followers.map(({ seen }) => seen.length)
    await append(writer.database, 1)
    await waitUntil('Redis takes a wake-up', async () => (await writer.redis.ping()) === 'PONG', PATIENCE)
    await wakeReaders(writer.redis)
    await waitUntil(
      'both have it',
      () => followers.every(({ seen }) => seen.length > (before ?? 0)),
      PATIENCE,
    )
  }
  await waitUntil('all wait for wake-ups', subscribed, PATIENCE)
  await news()
  await loseRedis()
  await append(writer.database, 2)
  await waitUntil('all wait for wake-ups again', subscribed, PATIENCE)
  await news()
  const expected = await due('admin', from)
  expect(expected).toHaveLength(3)
  for (const { seen } of followers) {
    await waitUntil('it has the last one', () => seen.at(-1) === expected.at(-1), PATIENCE)
    expect(seen).toEqual(expected)
  }
})
