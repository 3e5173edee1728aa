import { afterEach, beforeEach, expect, it } from 'vitest'
import { Feed } from '../../../apps/api/events/feed.ts'
import { EventHub } from '../../../apps/api/events/hub.ts'
import { acceptWebSockets } from '../../../apps/api/events/upgrade.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type Mix, startLoad } from '../../load/mixed.ts'
import { losses } from '../../load/report.ts'
import { type Running, silent, startApp } from '../apps/api/app.fixture.ts'
import { anEvent, FakeOutbox, fakeTokens } from '../apps/api/fakes.ts'

const NONE = { workers: 0, perSecond: 0, clients: 0, takesMs: 0 }
const STREAMS: Mix = {
  ...{ keepAlive: NONE, newConnection: NONE, orders: NONE, lookUps: NONE, slow: NONE, uploads: NONE },
  eventStreams: { clients: 2, lifeMs: 500 },
  webSockets: { clients: 2, lifeMs: 500 },
}

let app: Running
let outbox: FakeOutbox

beforeEach(async () => {
  outbox = new FakeOutbox()
  const tokens = fakeTokens({ id: 'anna', role: 'user' }, { id: 'root', role: 'admin' })
  const events = new EventHub(new Feed(outbox, { pollMs: 5, pulseMs: 400 }))
  app = await startApp({ tokens, events })
  acceptWebSockets(app.server, events, silent, tokens)
})
afterEach(() => app.close())

it.each([
  ['a guest', undefined, 0.2],
  ['a user', 'anna', 0.6],
  ['an administrator', 'root', 1],
])('%s who follows the real streams misses nothing of what is theirs to see', async (_, token, share) => {
  const access = { token: token ? async () => token : undefined }
  const load = startLoad({ url: app.url, access, mix: STREAMS, maxSeconds: 20 })
  const { tallies } = load.recorder
  const enough = () => {
    const id = outbox.events.length + 1
    const order = { order_id: `order ${id}`, userId: id % 2 ? 'anna' : null }
    outbox.events.push(
      anEvent(id, { ...order, ...(id % 5 === 0 && { stock: [{ product_id: 1, stock: id }] }) }),
    )
    return (
      id > 200 && ['event-stream', 'websocket'].every((name) => (tallies.get(name as never)?.ok ?? 0) >= 4)
    )
  }
  await waitUntil('every client has come back often', enough, { everyMs: 2 })
  const report = await load.stop()
  expect(losses(report)).toEqual([])
  const { received, subscribers } = report.events
  expect(subscribers).toBe(4)
  const each = received / subscribers / outbox.events.length
  expect(each).toBeGreaterThan(share / 2)
  expect(each).toBeLessThanOrEqual(share)
})
