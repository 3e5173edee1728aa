import { Agent } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEdge, type TestEdge } from './harness/edge/edge.ts'
import type { Answer } from './harness/edge/request.ts'

/** Everything comes from one address here, so clients differ in program, login and cookie only. */
let edge: TestEdge
const agent = new Agent({ keepAlive: true, maxSockets: 16 })

beforeAll(async () => {
  edge = await startEdge()
})
afterAll(async () => {
  agent.destroy()
  await edge.remove()
})
beforeEach(() => edge.route({ active: 'blue' }))

const canary = (weight: number) => edge.route({ active: 'blue', canary: 'green', weight })
const ask = (headers: Record<string, string>): Promise<Answer> => edge.get('/echo', { headers, agent })
const withBucket = (value: number | string) => ask({ cookie: `ecomweb_bucket=${value}` })
const preview = (headers = {}) => ask({ 'x-ecomweb-preview': edge.token, ...headers })
/** What the application was sent. */
const received = ({ body }: Answer): Record<string, string> => JSON.parse(body).headers
/** The bucket in a cookie; undefined when none was set. */
const issued = ({ cookies }: Answer) => /^ecomweb_bucket=(\d+);/.exec(cookies[0] ?? '')?.[1]

const PROGRAMS = Array.from({ length: 600 }, (_, at) => `program/${at}`)
/** The programs without a cookie that the new colour serves. */
async function onGreen(): Promise<Set<string>> {
  const answers = await Promise.all(PROGRAMS.map((program) => ask({ 'user-agent': program })))
  return new Set(PROGRAMS.filter((_, at) => answers[at]?.servedBy === 'green'))
}

/** The probability of so few, or of so many, of `count` clients by chance: the smaller tail of a binomial distribution. */
function chance(found: number, count: number, share: number): number {
  const odds = share / (1 - share)
  const densities = [(1 - share) ** count]
  for (let at = 1; at <= count; at += 1)
    densities.push((densities[at - 1] as number) * odds * ((count - at + 1) / at))
  const sum = (part: number[]) => part.reduce((total, density) => total + density, 0)
  return Math.min(sum(densities.slice(0, found + 1)), sum(densities.slice(found)))
}

describe('clients without a cookie', () => {
  it('get the new colour by the share of the weight, and keep it while the weight is raised', async () => {
    let before = new Set<string>()
    for (const weight of [1, 5, 25, 50]) {
      await canary(weight)
      const green = await onGreen()
      expect(
        chance(green.size, PROGRAMS.length, weight / 100),
        `${green.size} at ${weight} %`,
      ).toBeGreaterThan(1e-6)
      expect(
        [...before].filter((program) => !green.has(program)),
        `back at ${weight} %`,
      ).toEqual([])
      expect(await onGreen(), 'the same question again').toEqual(green)
      before = green
    }
  })
  it('all get it at 100 %, and none at 0 %', async () => {
    await canary(100)
    expect((await onGreen()).size).toBe(PROGRAMS.length)
    await canary(0)
    expect((await onGreen()).size).toBe(0)
  })
  it('are told apart by their login too', async () => {
    await canary(50)
    const logins = Array.from({ length: 40 }, (_, at) => ask({ authorization: `Bearer ${at}` }))
    const colours = new Set((await Promise.all(logins)).map(({ servedBy }) => servedBy))
    expect(colours).toEqual(new Set(['blue', 'green']))
  })
})

describe('the cookie', () => {
  it('decides, and is not set again', async () => {
    for (const weight of [1, 5, 25, 50]) {
      await canary(weight)
      for (const bucket of [0, 1, 4, 5, 24, 25, 49, 50, 99]) {
        const answer = await withBucket(bucket)
        expect(answer.servedBy, `${bucket} at ${weight} %`).toBe(bucket < weight ? 'green' : 'blue')
        expect(answer.cookies).toEqual([])
      }
    }
  })
  it('is given to whoever has none, and keeps the colour when program and login change', async () => {
    await canary(50)
    for (const program of PROGRAMS.slice(0, 20)) {
      const first = await ask({ 'user-agent': program })
      expect(first.cookies).toEqual([
        expect.stringMatching(/^ecomweb_bucket=\d{1,2}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/),
      ])
      const cookie = `other=1; ecomweb_bucket=${issued(first)}`
      const second = await ask({ cookie, 'user-agent': 'another', authorization: 'Bearer new' })
      expect(second.servedBy).toBe(first.servedBy)
    }
  })
  it.each(['100', '-1', '07', '1.5', 'abc', '', '"5"', '4294967296'])(
    'of the value %j counts as none',
    async (value) => {
      await canary(50)
      const without = await ask({})
      const forged = await withBucket(value)
      expect(forged.servedBy).toBe(without.servedBy)
      expect(issued(forged)).toBe(issued(without))
      expect(issued(forged)).toBeDefined()
    },
  )
  it('is set only while a canary runs', async () => {
    expect((await ask({})).cookies).toEqual([])
    await canary(0)
    expect(issued(await ask({}))).toBeDefined()
    await edge.route({ active: 'green' })
    expect((await ask({})).cookies).toEqual([])
    expect((await withBucket(0)).servedBy).toBe('green')
  })
  it('is never set by a preview or a probe', async () => {
    await canary(50)
    expect((await preview()).cookies).toEqual([])
    expect((await preview({ 'x-ecomweb-probe': '1' })).cookies).toEqual([])
  })
})

describe('the headers of the kit', () => {
  it('reach nobody without the token', async () => {
    const asked = { 'x-ecomweb-colour': 'green', 'x-ecomweb-probe': '1' }
    for (const token of [undefined, 'wrong', '']) {
      const answer = await ask({ ...asked, ...(token === undefined ? {} : { 'x-ecomweb-preview': token }) })
      expect(answer.servedBy).toBe('blue')
      expect(Object.keys(received(answer)).filter((name) => name.startsWith('x-ecomweb'))).toEqual([])
    }
  })
  it('choose the colour, and mark a probe for the application, with it', async () => {
    const answer = await preview({ 'x-ecomweb-colour': 'green', 'x-ecomweb-probe': '1' })
    expect(answer.servedBy).toBe('green')
    expect(received(answer)).toMatchObject({ 'x-ecomweb-probe': '1' })
    expect(received(answer)).not.toHaveProperty('x-ecomweb-preview')
    expect(received(answer)).not.toHaveProperty('x-ecomweb-colour')
  })
  it('mark no probe by any other value', async () =>
    expect(received(await preview({ 'x-ecomweb-probe': 'yes' }))).not.toHaveProperty('x-ecomweb-probe'))
})

describe('a canary without a live server', () => {
  it('fails nobody: the active colour serves, until it is back', async () => {
    await canary(100)
    await edge.stop('green')
    try {
      const answers = await Promise.all(
        PROGRAMS.slice(0, 50).map((program) => ask({ 'user-agent': program })),
      )
      expect(new Set(answers.map(({ status, servedBy }) => `${status} ${servedBy}`))).toEqual(
        new Set(['200 blue']),
      )
      expect((await withBucket(0)).servedBy).toBe('blue')
      expect((await preview({ 'x-ecomweb-colour': 'green' })).status).toBe(503)
    } finally {
      await edge.start('green')
    }
    expect((await ask({})).servedBy).toBe('green')
  })
})
