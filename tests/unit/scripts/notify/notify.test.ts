import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Happening, slackBody, webhookBody } from '../../../../scripts/notify/message.ts'
import { notify } from '../../../../scripts/notify/notify.ts'
import { type Post, post } from '../../../../scripts/notify/post.ts'
import { keepSecret } from '../../../../scripts/settings/secrets.ts'

const SECRET = 'a secret of at least sixteen characters'
const now = new Date('2026-11-22T10:20:30.000Z')
const clock = { date: () => now, sleep: async () => {} }
const happening: Happening = {
  event: 'finished',
  command: 'deploy',
  release: '20261122-101500',
  image: `sha256:${'a'.repeat(64)}`,
  reference: 'shop:2.1.0',
  from: 'blue',
  to: 'green',
  by: 'root@shop',
  result: 'rolled-back',
  reason: 'server errors 3.1 % against 0.0 %\nmore',
  ms: 63_000,
}

const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

type Received = { headers: IncomingMessage['headers']; body: string }

/** A receiver on loopback that answers as told. */
async function receiver(answer: (response: ServerResponse, count: number) => void) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const text of request.setEncoding('utf8')) body += text
    received.push({ headers: request.headers, body })
    answer(response, received.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}

const status =
  (...codes: number[]) =>
  (response: ServerResponse, count: number) =>
    void response.writeHead(codes[count - 1] ?? 200).end()
const webhook = (url: string) => ({
  ECOMWEB_NAME: 'shop',
  NOTIFY_WEBHOOK_URL: url,
  NOTIFY_WEBHOOK_SECRET: SECRET,
})
/** Every try of the kit ends after 100 ms. */
const hasty: Post = (url, body, headers) => post(url, body, headers, 100)

describe('the webhook', () => {
  it('carries a signature that a receiver can check, over a body that names its own time', async () => {
    const { received, url } = await receiver(status(204))
    expect(await notify({ post, clock }, webhook(url), happening)).toEqual([])
    const { headers, body } = received[0] as Received
    const expected = createHmac('sha256', SECRET).update(body).digest('hex')
    expect(headers['x-ecomweb-signature']).toBe(`sha256=${expected}`)
    expect(headers['content-type']).toBe('application/json')
    expect(JSON.parse(body)).toMatchObject({
      event: 'deploy.finished',
      sent_at: '2026-11-22T10:20:30.000Z',
      delivery: 'shop.20261122-101500.finished',
      result: 'rolled-back',
      ms: 63_000,
    })
  })
  it('is sent once more after an error of the receiver, as the same delivery', async () => {
    const { received, url } = await receiver(status(503, 200))
    expect(await notify({ post, clock }, webhook(url), happening)).toEqual([])
    expect(received.map(({ body }) => JSON.parse(body).delivery)).toEqual(
      Array(2).fill('shop.20261122-101500.finished'),
    )
  })
  it('is not sent again after a refusal', async () => {
    const { received, url } = await receiver(status(403))
    expect(await notify({ post, clock }, webhook(url), happening)).toEqual([
      'the webhook was not told: it answered 403',
    ])
    expect(received).toHaveLength(1)
  })
  it('follows no redirect', async () => {
    const elsewhere = await receiver(status(200))
    const { url } = await receiver(
      (response) => void response.writeHead(307, { Location: elsewhere.url }).end(),
    )
    expect(await notify({ post, clock }, webhook(url), happening)).toEqual([
      'the webhook was not told: it answered 307',
    ])
    expect(elsewhere.received).toEqual([])
  })
  it('is given up when there is no answer in time', async () => {
    const { url } = await receiver(() => {})
    let tries = 0
    const counted: Post = (...request) => {
      tries += 1
      return hasty(...request)
    }
    expect(await notify({ post: counted, clock }, webhook(url), happening)).toEqual([
      'the webhook was not told: no answer within 100 ms',
    ])
    expect(tries).toBe(2)
  })
  it('is given up when the connection is refused, and its address stays out of the note', async () => {
    const { url } = await receiver(status(200))
    for (const close of closing.splice(0)) await close()
    expect(await notify({ post, clock }, webhook(url), happening)).toEqual([
      'the webhook was not told: ECONNREFUSED',
    ])
  })
  it('takes at most 5 s', async () => {
    let spent = 0
    const slow: Post = async (_url, _body, _headers, timeoutMs) => {
      spent += timeoutMs
      throw new Error('no answer')
    }
    const sleep = async (ms: number) => {
      spent += ms
    }
    await notify({ post: slow, clock: { ...clock, sleep } }, webhook('http://127.0.0.1/'), happening)
    expect(spent).toBeLessThanOrEqual(5000)
  })
  it('shows no secret and stays JSON', () => {
    keepSecret('hunter2-hunter2')
    const reason = 'cannot log in to postgresql://app:hunter2-hunter2@db:5432 or http://db:80'
    const body = webhookBody('shop', { ...happening, reason, by: 'root@shop' }, now)
    expect(JSON.parse(body)).toMatchObject({
      by: 'root@shop',
      reason: 'cannot log in to postgresql://app:[REDACTED]@db:5432 or http://db:80',
    })
  })
})

describe('the message for Slack', () => {
  it('says what ended how, in two lines', async () => {
    const { received, url } = await receiver(status(200))
    await notify({ post, clock }, { ECOMWEB_NAME: 'shop', NOTIFY_SLACK_URL: url }, happening)
    expect(JSON.parse(received[0]?.body ?? '').text).toBe(
      [
        '*shop* deploy 20261122-101500 rolled-back after 1 min 3 s: aaaaaaaaaaaa (shop:2.1.0), blue → green, by root@shop',
        '> server errors 3.1 % against 0.0 %',
      ].join('\n'),
    )
  })
  it('escapes what Slack reads as markup', () => {
    const { text } = JSON.parse(slackBody('shop', { ...happening, reason: '<!channel> a & b > c' }))
    expect(text).toContain('\n> &lt;!channel&gt; a &amp; b &gt; c')
  })
})

it('nobody is told where nobody is named', async () => {
  const never: Post = () => Promise.reject(new Error('somebody was told'))
  expect(await notify({ post: never, clock }, { ECOMWEB_NAME: 'shop' }, happening)).toEqual([])
})
