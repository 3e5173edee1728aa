import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoff } from '../../../../apps/web/lib/failover/backoff.ts'
import { attemptOrder, choose, type Status } from '../../../../apps/web/lib/failover/choose.ts'
import { createFailover } from '../../../../apps/web/lib/failover/failover.ts'
import { FakeClock, settled } from '../fake-clock.ts'
import { type Behaviour, FakeNetwork, fakePage } from './network.ts'

const behaviour = fc.constantFrom<Behaviour>(
  'healthy',
  'degraded',
  'refused',
  'hanging',
  'unavailable',
  'asleep',
)
/** What `random` gives. Nothing but zeros would ask a dead backend again and again without time passing. */
const chance = fc.double({ min: 0.05, max: 1, maxExcluded: true, noNaN: true })
const status = fc.constantFrom<Status>('healthy', 'degraded', 'unknown', 'waking', 'unreachable')
const candidates = fc.array(fc.record({ status, streak: fc.nat(5) }), { minLength: 1, maxLength: 5 })

type Step = {
  host: number
  how: Behaviour
  afterMs: number
  send: 'GET' | 'POST' | 'order' | 'nothing'
  hide: boolean
}

const steps = fc.array(
  fc.record<Step>({
    host: fc.nat(2),
    how: behaviour,
    afterMs: fc.integer({ min: 0, max: 70_000 }),
    send: fc.constantFrom('GET', 'POST', 'order', 'nothing'),
    hide: fc.boolean(),
  }),
  { maxLength: 12 },
)

const HOSTS = ['a', 'b', 'c']

describe('whatever the backends do', () => {
  it('no request is under way twice, none reaches a backend twice, what must not be repeated is sent once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(behaviour, behaviour, behaviour),
        steps,
        chance,
        async (first, story, random) => {
          const clock = new FakeClock()
          const network = new FakeNetwork(clock, { a: first[0], b: first[1], c: first[2] })
          const page = fakePage()
          const backends = HOSTS.map((host) => `https://${host}`)
          const failover = createFailover({
            backends,
            fetch: network.fetch,
            clock,
            page,
            random: () => random,
          })
          await settled()
          for (const [number, { host, how, afterMs, send, hide }] of story.entries()) {
            network.behaviour.set(HOSTS[host] as string, how)
            page.set(hide)
            const from = new URL(failover.current).host
            if (send !== 'nothing') {
              const headers = send === 'order' ? { 'Idempotency-Key': 'a-key-of-it' } : {}
              const method = send === 'order' ? 'POST' : send
              failover.fetch(`/${number}`, { method, headers }).catch(() => {})
              await settled()
              expect(network.sent(`/${number}`)[0]).toBe(from)
            }
            await clock.advance(afterMs)
          }
          await clock.advance(200_000)
          for (const [number, { send }] of story.entries()) {
            const hosts = network.sent(`/${number}`)
            expect(new Set(hosts).size).toBe(hosts.length)
            if (send === 'POST') expect(hosts).toHaveLength(1)
          }
          expect(Math.max(0, ...network.mostAtOnce.values())).toBeLessThanOrEqual(1)
          failover.close()
          await settled()
          // Only backends on their way out of sleep still have a timer, and that is the network's own.
          expect(clock.due.every((ms) => ms <= network.wakesInMs)).toBe(true)
        },
      ),
      { numRuns: 120 },
    )
  })

  it('one that cannot be reached is asked again within 60 s, another within 33 s', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Behaviour>('refused', 'healthy', 'degraded'),
        chance,
        async (how, random) => {
          const clock = new FakeClock()
          const network = new FakeNetwork(clock, { a: how })
          const options = { backends: ['https://a'], fetch: network.fetch, clock, page: fakePage() }
          const failover = createFailover({ ...options, random: () => random })
          await clock.advance(600_000)
          failover.close()
          const times = network.checks('a').map(({ at }) => at)
          const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
          const [least, most] = how === 'refused' ? [0, 60_000] : [27_000, 33_000]
          for (const gap of gaps) {
            expect(gap).toBeGreaterThanOrEqual(least)
            expect(gap).toBeLessThanOrEqual(most)
          }
          expect(gaps.length).toBeGreaterThan(5)
        },
      ),
      { numRuns: 20 },
    )
  })
})

describe('back-off', () => {
  it('stays between nothing and the lesser of the maximum and the doubled first wait', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), chance, (failures, random) => {
        const ms = backoff(failures, { firstMs: 1000, maximumMs: 60_000 }, () => random)
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThanOrEqual(Math.min(60_000, 1000 * 2 ** (failures - 1)))
      }),
    )
  })
})

describe('the choice', () => {
  const RANK = ['healthy', 'degraded', 'unknown', 'waking', 'unreachable']

  it('is never a worse backend, and never a later one that is only as good', () => {
    fc.assert(
      fc.property(candidates, fc.nat(4), (list, wish) => {
        const current = wish % list.length
        const chosen = choose(list, current, 3)
        const [before, after] = [list[current], list[chosen]]
        const [rankBefore, rankAfter] = [
          RANK.indexOf(before?.status ?? ''),
          RANK.indexOf(after?.status ?? ''),
        ]
        expect(rankAfter).toBeLessThanOrEqual(rankBefore)
        if (chosen === current) return
        if (rankAfter === rankBefore) expect(chosen).toBeLessThan(current)
        // Nothing that is listed before it would have done as well, unless it is not yet trusted again.
        const earlier = list.slice(0, chosen).filter(({ status }) => RANK.indexOf(status) <= rankAfter)
        if (rankAfter < rankBefore) expect(earlier).toEqual([])
        else expect(earlier.every(({ streak }) => streak < 3)).toBe(true)
      }),
    )
  })

  it('gives requests every backend once: the current one, then the better before the worse, then as listed', () => {
    fc.assert(
      fc.property(candidates, fc.nat(4), (list, wish) => {
        const current = wish % list.length
        const [first, ...others] = attemptOrder(list, current)
        expect(first).toBe(current)
        expect([current, ...others].sort()).toEqual([...list.keys()])
        const key = (index: number) => RANK.indexOf(list[index]?.status ?? '') * 10 + index
        expect(others).toEqual(others.toSorted((a, b) => key(a) - key(b)))
      }),
    )
  })
})
