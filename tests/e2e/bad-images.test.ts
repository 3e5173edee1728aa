import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exemption } from '../load/access.ts'
import { Client } from '../load/client.ts'
import type { SendOptions } from '../load/http.ts'
import { crowd } from '../load/pace.ts'
import { accessTo } from './harness/access.ts'
import { restore, runOn } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { type BadRelease, buildImage } from './harness/images.ts'
import { type Colour, other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

/** Releases that a deploy must find out under traffic: here they are asked on their own port, without an edge. */

const PRODUCTS = '/api/products?limit=5'
const LOOK_UP = '/api/orders/00000000-0000-4000-8000-000000000000'
const IMAGE_SETTINGS = ['API_BLUE_IMAGE', 'API_GREEN_IMAGE'] as const

let live: Colour
let idle: Colour
let images: [string, string][]

beforeAll(async () => {
  await restore(stack)
  live = await stack.active()
  idle = other(live)
  images = IMAGE_SETTINGS.map((name) => [name, stack.setting(name) ?? ''])
})

afterAll(async () => {
  for (const [name, value] of images) stack.edit(name, value)
  await restore(stack)
})

/** Statuses of so many requests to a colour, and the time of each in ms; both processes get some. */
async function ask(colour: Colour, count: number, path: string, options: SendOptions = {}) {
  const url = new URL(stack.directUrl(colour) + path)
  const clients = Array.from(
    { length: 8 },
    (_, number) => new Client(`asking ${number}`, true, exemption(accessTo(stack))),
  )
  const statuses: Record<number, number> = {}
  const took: number[] = []
  for (let sent = 0; sent < count; sent += 1) {
    const begun = performance.now()
    const { status } = await (clients[sent % clients.length] as Client).send(url, options)
    took.push(performance.now() - begun)
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  for (const client of clients) client.close()
  return { statuses, took }
}

const statuses = async (...args: Parameters<typeof ask>) => (await ask(...args)).statuses

/** An order that is refused for its content (400) costs nothing and leaves nothing. */
const post: SendOptions = {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'idempotency-key': 'bad-images' },
  body: '{}',
}

/** Starts a bad release and makes sure that it looks as well as any. */
async function startHealthy(variant: BadRelease): Promise<void> {
  await runOn(stack, idle, await buildImage(stack, variant))
  for (const path of ['/health', '/ready', '/api/health']) {
    expect(await statuses(idle, 50, path), path).toEqual({ 200: 50 })
  }
  await waitUntil('the container is healthy', async () => {
    return (await stack.inspect(stack.container(`api_${idle}`), '{{.State.Health.Status}}')) === 'healthy'
  })
}

// What a deploy does with them is tested in every run; that they are what they claim to be, with `--chaos all`.
describe.runIf(process.env.BAD === 'all')('a release that passes every health check', () => {
  it('may answer 3 % of all requests with an error', async () => {
    await startHealthy('bad-errors')
    const { 200: good = 0, 500: bad = 0 } = await statuses(idle, 1000, PRODUCTS)
    expect(good + bad).toBe(1000)
    // four standard deviations around 30
    expect(bad).toBeGreaterThan(8)
    expect(bad).toBeLessThan(52)
  })

  it('may fail on one route alone', async () => {
    await startHealthy('bad-route')
    expect(await statuses(idle, 200, LOOK_UP)).toEqual({ 500: 200 })
    expect(await statuses(live, 200, LOOK_UP)).toEqual({ 404: 200 })
    expect(await statuses(idle, 200, PRODUCTS)).toEqual({ 200: 200 })
    expect(await statuses(idle, 200, '/api/orders', post)).toEqual({ 400: 200 })
  })

  it('may fail a tenth of what is posted, and nothing else', async () => {
    await startHealthy('bad-post')
    const { 400: good = 0, 500: bad = 0 } = await statuses(idle, 500, '/api/orders', post)
    expect(good + bad).toBe(500)
    expect(bad).toBeGreaterThan(23)
    expect(bad).toBeLessThan(77)
    expect(await statuses(idle, 200, PRODUCTS)).toEqual({ 200: 200 })
  })

  it('may take twice as long', async () => {
    await startHealthy('bad-latency')
    const took = { good: [] as number[], bad: [] as number[] }
    for (let round = 0; round < 10; round += 1) {
      took.good.push(...(await ask(live, 30, PRODUCTS)).took)
      took.bad.push(...(await ask(idle, 30, PRODUCTS)).took)
    }
    const [good, bad] = [median(took.good), median(took.bad)]
    console.log(`median latency: good ${good.toFixed(2)} ms, bad ${bad.toFixed(2)} ms`)
    expect(bad / good).toBeGreaterThan(1.9)
    expect(bad / good).toBeLessThan(5)
  })

  it.each([
    ['under 200 requests a second', 200, 20, 45],
    ['with one request in 5 seconds', 0.2, 20, 90],
  ])('may take all memory that it can get, %s', async (_, perSecond, atLeast, atMost) => {
    await startHealthy('bad-leak')
    const killed = /via signal \[SIGKILL\]/
    const logs = async () => (await stack.docker(['logs', stack.container(`api_${idle}`)])).stdout
    const begun = performance.now()
    const stop = new AbortController()
    const asking = askAtRate(perSecond, stop.signal)
    await waitUntil('the kernel ends a process', async () => killed.test(await logs()), {
      timeoutMs: 120_000,
      everyMs: 1000,
    })
    stop.abort()
    const seconds = (performance.now() - begun) / 1000
    const flag = await stack.inspect(stack.container(`api_${idle}`), '{{.State.OOMKilled}}')
    console.log(`${perSecond}/s: killed after ${seconds.toFixed(0)} s, OOMKilled ${flag}; ${await asking}`)
    expect(seconds).toBeGreaterThan(atLeast)
    expect(seconds).toBeLessThan(atMost)
  })
})

/** Asks until it is told to stop; answers, in words, how many requests failed. */
async function askAtRate(perSecond: number, stop: AbortSignal): Promise<string> {
  const url = new URL(stack.directUrl(idle) + PRODUCTS)
  let [sent, failed] = [0, 0]
  await crowd({ workers: 16, perSecond, stop }, (worker) => {
    const client = new Client(`asking ${worker}`, false)
    return async () => {
      sent += 1
      await client.send(url).catch(() => (failed += 1))
    }
  })
  return `${failed} of ${sent} requests failed`
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
