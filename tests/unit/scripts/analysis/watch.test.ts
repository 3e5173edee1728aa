import { describe, expect, it } from 'vitest'
import { Evidence } from '../../../../scripts/analysis/evidence.ts'
import { DEFAULT_RULES } from '../../../../scripts/analysis/rules.ts'
import type { Watched } from '../../../../scripts/analysis/types.ts'
import { type WatchOptions, watch } from '../../../../scripts/analysis/watch.ts'
import type { Http } from '../../../../scripts/ports.ts'
import { FakeClock } from './fake-clock.ts'
import { type Behaviour, FakeEdge, healthy, usual } from './fake-edge.ts'

const failing = (rate: number, errs: (n: number) => boolean): Behaviour => ({
  rate,
  answer: (n) => ({ error: errs(n), ms: usual(n) }),
})
const slow = (rate: number): Behaviour => ({ rate, answer: (n) => ({ error: false, ms: 2 * usual(n) }) })

type Given = { old?: Behaviour; fresh: Behaviour; options?: Partial<WatchOptions>; phases?: number }

/** One or more phases of 30 s, with green as the new colour. */
async function watched({ old = healthy(100), fresh, options = {}, phases = 1 }: Given) {
  const clock = new FakeClock()
  const edge = new FakeEdge(clock, { blue: old, green: fresh })
  const evidence = new Evidence()
  const given: WatchOptions = {
    ...{
      phase: 'canary 50 %',
      ms: 30_000,
      interval: 1000,
      newColour: 'green',
      rules: DEFAULT_RULES,
      evidence,
    },
    sample: async () => edge.sample(),
    signal: new AbortController().signal,
    ...options,
  }
  let last: Watched | undefined
  for (let phase = 0; phase < phases && last?.verdict !== 'fail'; phase += 1) {
    last = await clock.run(watch({ http: edge, clock }, given))
  }
  await clock.run(evidence.settled())
  return { ...(last as Watched), edge, clock }
}

const probes = {
  probes: [
    { method: 'GET', path: '/api/products', headers: {} },
    {
      ...{ method: 'POST', path: '/api/orders', headers: {}, body: '{}' },
      undo: { method: 'POST', path: '/api/orders/{order.id}/cancel' },
    },
  ],
  ...{ port: 80, token: 'secret', rate: 5, below: 20, id: () => 'an-id-of-its-own' },
}
const order = { status: 201, headers: {}, body: '{"order":{"id":"o1"}}' }
const shop = (method: string, path: string) =>
  method === 'POST' && path === '/api/orders' ? order : undefined

describe('under traffic', () => {
  it('a good release passes in its time', async () => {
    const { verdict, ms, looks, restarts, reason } = await watched({ fresh: healthy(100) })
    expect({ verdict, ms, looks, restarts }).toEqual({ verdict: 'pass', ms: 30_000, looks: 30, restarts: 0 })
    expect(reason).toContain('0.0 %')
  })
  it('3 % errors fail', async () => {
    const { verdict, reason } = await watched({ fresh: failing(100, (n) => n % 33 === 7) })
    expect(verdict).toBe('fail')
    expect(reason).toMatch(/% of the new colour's \d+ answers to users were errors/)
  })
  it('a failing route with 4 % of the traffic fails, and soon', async () => {
    const { verdict, ms } = await watched({ fresh: failing(100, (n) => n % 25 === 3) })
    expect(verdict).toBe('fail')
    expect(ms).toBeLessThanOrEqual(10_000)
  })
  it('a release that answers nothing right fails within three looks', async () => {
    const { verdict, looks } = await watched({ old: healthy(190), fresh: failing(10, () => true) })
    expect(verdict).toBe('fail')
    expect(looks).toBeLessThanOrEqual(3)
  })
  /** Errs in a share of its answers within some seconds, and seldom otherwise. */
  const bursts = (rate: number, seconds: [from: number, to: number][], share: number): Behaviour =>
    failing(rate, (n) => seconds.some(([from, to]) => n >= from * rate && n < to * rate) && n % 100 < share)

  it('a host that stalls now one colour and now the other accuses neither', async () => {
    const old = bursts(100, [[0, 6]], 20)
    const { verdict } = await watched({ old, fresh: bursts(100, [[18, 26]], 30) })
    expect(verdict).toBe('pass')
  })
  it.each([
    ['never errs otherwise', healthy(100)],
    ['errs now and then', failing(100, (n) => n % 1000 === 500)],
  ])('requests of one colour that end together prove nothing, while the other %s', async (_how, old) => {
    const together = (n: number) => n >= 1100 && n < 1240 && n % 4 !== 0
    const { verdict } = await watched({ old, fresh: failing(100, together) })
    expect(verdict).toBe('pass')
  })
  it('errors that begin in the middle of a phase and stay fail it', async () => {
    const { verdict, ms } = await watched({ fresh: failing(100, (n) => n >= 1100 && n % 4 !== 0) })
    expect(verdict).toBe('fail')
    expect(ms).toBeLessThanOrEqual(15_000)
  })
  it('a bad release fails also while a stall hits both colours', async () => {
    const stall = (n: number) => n >= 500 && n < 700 && n % 3 === 0
    const fresh = failing(100, (n) => stall(n) || n % 25 === 3)
    const { verdict } = await watched({ old: failing(100, stall), fresh })
    expect(verdict).toBe('fail')
  })
  it('errors that both colours have accuse neither', async () => {
    const ill = failing(100, (n) => n % 20 === 0)
    expect((await watched({ old: ill, fresh: ill })).verdict).toBe('pass')
  })
  it('latency doubled fails', async () => {
    const { verdict, reason } = await watched({ fresh: slow(100) })
    expect(verdict).toBe('fail')
    expect(reason).toContain('slower')
  })
  it('a stall of three seconds does not fail', async () => {
    const stalled = (n: number) => (n > 1000 && n < 1300 ? 10 : 1) * usual(n)
    const { verdict } = await watched({
      fresh: { rate: 100, answer: (n) => ({ error: false, ms: stalled(n) }) },
    })
    expect(verdict).toBe('pass')
  })
  it('a cold start does not fail', async () => {
    const cold = (n: number) => Math.round(usual(n) * (1 + 4 * Math.exp(-n / 50)))
    const fresh = { rate: 10, answer: (n: number) => ({ error: false, ms: cold(n) }) }
    const { verdict } = await watched({ old: healthy(190), fresh, phases: 3 })
    expect(verdict).toBe('pass')
  })
  it('connections that the new colour refuses fail it', async () => {
    const clock = new FakeClock()
    const edge = new FakeEdge(clock, { blue: healthy(100), green: healthy(90) })
    const sample = async () => {
      edge.edgeErrors.green = Math.floor(clock.now() / 100)
      return edge.sample()
    }
    const { signal } = new AbortController()
    const options = { phase: 'soak', ms: 15_000, interval: 1000, newColour: 'green' as const, sample, signal }
    const { verdict, reason } = await clock.run(
      watch({ http: edge, clock }, { ...options, rules: DEFAULT_RULES }),
    )
    expect(verdict).toBe('fail')
    expect(reason).toContain('got no answer from the new colour')
  })
})

describe('in the soak', () => {
  const soak = async (fresh: Behaviour) => {
    const clock = new FakeClock()
    const evidence = new Evidence()
    const { signal } = new AbortController()
    const phase = async (name: string, blue: Behaviour, green: Behaviour) => {
      const edge = new FakeEdge(clock, { blue, green })
      edge.reset()
      const options = { phase: name, ms: 15_000, interval: 1000, rules: DEFAULT_RULES, evidence, signal }
      const sample = async () => edge.sample()
      return clock.run(watch({ http: edge, clock }, { ...options, newColour: 'green', sample, probes }))
    }
    await phase('canary 50 %', healthy(100), healthy(100))
    return phase('soak', { ...healthy(0), probe: shop }, { ...fresh, probe: shop })
  }
  it('the new colour is compared with the users that the old had before', async () => {
    const { verdict, figures } = await soak(failing(200, (n) => n % 25 === 3))
    expect(verdict).toBe('fail')
    expect(figures[0]?.responses.old).toBeGreaterThan(1000)
  })
  it('a good release passes', async () => {
    expect((await soak(healthy(200))).verdict).toBe('pass')
  })
  it('a colour that is slower because it has all the users does not fail', async () => {
    const busy: Behaviour = { rate: 150, answer: (n) => ({ error: false, ms: 4 * usual(n) }) }
    const options = { probes: { ...probes, below: 1000 } }
    const { verdict, edge } = await watched({ old: healthy(0), fresh: busy, options, phases: 2 })
    expect(verdict).toBe('pass')
    expect(edge.requests.length).toBeGreaterThan(100)
  })
})

describe('at one request in 5 s', () => {
  const few = (behaviour: Behaviour): Behaviour => ({ ...behaviour, rate: 0.1, probe: shop })
  const run = (fresh: Behaviour, phases = 3) =>
    watched({ old: few(healthy(0)), fresh, phases, options: { probes } })

  it('probes let a good release pass', async () => {
    const { verdict, edge } = await run(few(healthy(0)), 1)
    expect(verdict).toBe('pass')
    const orders = edge.requests.filter(({ path }) => path === '/api/orders')
    const undone = edge.requests.filter(({ path }) => path === '/api/orders/o1/cancel')
    expect(undone).toHaveLength(orders.length)
    expect(edge.requests.filter(({ colour }) => colour === 'blue').length).toBeGreaterThan(200)
  })
  it('probes find 3 % errors', async () => {
    const { verdict, reason } = await run(
      { rate: 0.1, answer: (n) => ({ error: n % 33 === 5, ms: usual(n) }) },
      4,
    )
    expect(verdict).toBe('fail')
    expect(reason).toContain('answers to probes')
  })
  it('probes find doubled latency', async () => {
    expect((await run(few(slow(0)))).verdict).toBe('fail')
  })
  it('probes find errors under POST only', async () => {
    const broken = (method: string) =>
      method === 'POST' ? { status: 500, headers: {}, body: '' } : undefined
    expect((await run({ ...healthy(0.1), probe: broken })).verdict).toBe('fail')
  })
  it('probes that cannot be taken back fail a release, though every answer is below 500', async () => {
    const nameless = (method: string, path: string) =>
      shop(method, path) && { status: 201, headers: {}, body: '{}' }
    expect((await run({ ...healthy(0.1), probe: nameless })).verdict).toBe('fail')
  })
  it('without probes nothing can be said', async () => {
    const { verdict, reason } = await watched({ old: healthy(0.1), fresh: healthy(0.1) })
    expect(verdict).toBe('inconclusive')
    expect(reason).toContain('50 of each are needed')
  })
  it('a colour that hangs is found without waiting for its probes', async () => {
    const clock = new FakeClock()
    const edge = new FakeEdge(clock, { blue: healthy(0), green: healthy(0) })
    const http: Http = {
      request: (port, path, given) =>
        given?.headers?.['x-ecomweb-colour'] === 'green'
          ? clock.sleep(5000).then(() => Promise.reject(new Error('no answer')))
          : edge.request(port, path, given),
    }
    const { signal } = new AbortController()
    const options = { phase: 'soak', ms: 30_000, interval: 1000, rules: DEFAULT_RULES, signal, probes }
    const sample = async () => edge.sample()
    const { verdict, ms } = await clock.run(
      watch({ http, clock }, { ...options, newColour: 'green', sample }),
    )
    expect(verdict).toBe('fail')
    expect(clock.now()).toBe(ms)
  })
  it('probes rest while users suffice', async () => {
    const { edge } = await watched({ fresh: healthy(100), options: { probes } })
    expect(edge.requests.length).toBeLessThan(20)
  })
})

describe('a phase', () => {
  it('begins anew after a reset of the counters, and takes its whole time', async () => {
    const clock = new FakeClock()
    const edge = new FakeEdge(clock, { blue: healthy(100), green: healthy(100) })
    let looks = 0
    const sample = async () => {
      looks += 1
      if (looks === 11) edge.reset()
      return edge.sample()
    }
    const { signal } = new AbortController()
    const options = { phase: 'soak', ms: 30_000, interval: 1000, rules: DEFAULT_RULES, signal }
    const result = await clock.run(watch({ http: edge, clock }, { ...options, newColour: 'green', sample }))
    expect(result).toMatchObject({ verdict: 'pass', restarts: 1, ms: 40_000 })
  })
  it('takes at most twice its time, however often the counters are reset', async () => {
    const clock = new FakeClock()
    const edge = new FakeEdge(clock, { blue: healthy(100), green: healthy(100) })
    const sample = async () => {
      if (clock.now() % 2000 === 0) edge.reset()
      return edge.sample()
    }
    const { signal } = new AbortController()
    const options = { phase: 'soak', ms: 30_000, interval: 1000, rules: DEFAULT_RULES, signal }
    const result = await clock.run(watch({ http: edge, clock }, { ...options, newColour: 'green', sample }))
    expect(result.ms).toBe(60_000)
  })
  it('goes on for as long again when it ends with a few errors more than chance would have', async () => {
    const few = { old: failing(12, (n) => n === 50), fresh: failing(12, (n) => n % 60 === 7 && n < 360) }
    expect(await watched(few)).toMatchObject({ verdict: 'pass', ms: 60_000 })
    const fewer = { old: few.old, fresh: failing(12, (n) => n % 100 === 7 && n < 360) }
    expect(await watched(fewer)).toMatchObject({ verdict: 'pass', ms: 30_000 })
  })

  it('ends at once in the words of a failed health check', async () => {
    let asked = 0
    const health = async () => {
      asked += 1
      return asked === 3 ? 'the container was killed: out of memory' : undefined
    }
    const { verdict, reason, looks } = await watched({ fresh: healthy(100), options: { health } })
    expect({ verdict, looks }).toEqual({ verdict: 'fail', looks: 3 })
    expect(reason).toBe('the container was killed: out of memory')
  })
  it('survives a few looks that HAProxy does not answer', async () => {
    const clock = new FakeClock()
    const edge = new FakeEdge(clock, { blue: healthy(100), green: healthy(100) })
    const sample = async () => {
      if (clock.now() > 5000 && clock.now() < 8000) throw new Error('refused')
      return edge.sample()
    }
    const { signal } = new AbortController()
    const options = { phase: 'soak', ms: 15_000, interval: 1000, rules: DEFAULT_RULES, signal }
    const result = await clock.run(watch({ http: edge, clock }, { ...options, newColour: 'green', sample }))
    expect(result.verdict).toBe('pass')
  })
  it('ends with the error of a HAProxy that stays away', async () => {
    const sample = () => Promise.reject(new Error('refused'))
    await expect(watched({ fresh: healthy(100), options: { sample } })).rejects.toThrow('refused')
  })
  it('can be cancelled, and leaves no probe behind', async () => {
    const stop = new AbortController()
    const health = async () => void stop.abort(new Error('interrupted'))
    const options = { health, signal: stop.signal, probes }
    await expect(watched({ fresh: healthy(1), options })).rejects.toThrow('interrupted')
  })
})
