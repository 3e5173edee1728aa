import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connectEvents } from '../../apps/web/lib/events/connect.ts'
import { send } from '../load/http.ts'
import { accessTo } from './harness/access.ts'
import { restore, startFromTestImages } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

const SWITCHES = 20

let window: string | undefined
beforeAll(async () => {
  await restore(stack)
  await startFromTestImages(stack, { alike: true })
  window = stack.editKitSetting('drain_window', '100ms')
})
afterAll(() => {
  if (window) stack.editKitSetting('drain_window', window)
})

const post = async <T>(path: string, body: object, headers: Record<string, string> = {}): Promise<T> => {
  const answer = await send(new URL(path, stack.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-ecomweb-exempt': accessTo(stack).exempt ?? '',
      ...headers,
    },
    body: JSON.stringify(body),
  })
  expect(answer.status, answer.body.toString()).toBeLessThan(300)
  return JSON.parse(answer.body.toString('utf8')) as T
}

type Session = { token: string; user: { id: string } }
const newUser = (name: string) =>
  post<Session>('/api/auth/register', {
    email: `${name}-${process.pid}-${Date.now()}@example.com`,
    password: 'a lantern under seven bridges',
  })

it(`a user misses no event of theirs across ${SWITCHES} switches, sees none twice, and none of anybody else`, async () => {
  const [anna, bert] = [await newUser('anna'), await newUser('bert')]
  const seen: { id: string; event: string; data: unknown }[] = []
  let connections = 0
  const events = connectEvents({
    url: stack.url,
    token: () => anna.token,
    WebSocket,
    onEvent: (event) => seen.push(event),
    onState: (state) => {
      if (state === 'open') connections += 1
    },
  })
  await waitUntil('the stream is open', () => events.state === 'open')
  const first = Number((await stack.sql('SELECT coalesce(max(id), 0) FROM outbox;')).trim())

  let over = false
  let count = 0
  const buying = (async () => {
    while (!over) {
      for (const { token } of [anna, bert]) {
        count += 1
        await post(
          '/api/orders',
          { items: [{ product_id: 1, quantity: 1 }] },
          {
            authorization: `Bearer ${token}`,
            'idempotency-key': `live-${process.pid}-${Date.now()}-${count}`,
          },
        )
      }
      await delay(150)
    }
  })()
  for (let done = 0; done < SWITCHES; done += 1) {
    await stack.switchTo(other(await stack.active()))
    // The side that was left closes its streams softly.
    await waitUntil('she is connected again', () => connections > done + 1)
  }
  over = true
  await buying

  const ofAnna = () =>
    stack.rows<{ id: number; event: string }>(
      `SELECT id, event FROM outbox WHERE id > ${first} AND user_id = '${anna.user.id}' ORDER BY id`,
    )
  await waitUntil('her orders are completed', async () => {
    const events = await ofAnna()
    const completed = events.filter(({ event }) => event === 'order.completed')
    return completed.length === count / 2
  })
  const due = (await ofAnna()).map(({ id, event }) => `${id} ${event}`)
  const mine = () =>
    seen
      .filter(({ id, event }) => Number(id) > first && event.startsWith('order.'))
      .map(({ id, event }) => `${id} ${event}`)
  await waitUntil('she has been told of all', () => mine().length >= due.length)
  events.close()
  expect(mine()).toEqual(due)
  // Of others she sees what became of the stock, and nothing that says whose it was.
  const others = seen.filter(
    ({ event }) => !event.startsWith('order.') && event !== 'hello' && event !== 'cursor',
  )
  expect(new Set(others.map(({ event }) => event))).toEqual(new Set(['stock.changed']))
  expect(JSON.stringify(others)).not.toContain(bert.user.id)
}, 240_000)
