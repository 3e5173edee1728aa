import { describe, expect, it } from 'vitest'
import { createFailover, type FailoverOptions } from '../../../../apps/web/lib/failover/failover.ts'
import { FakeClock, settled } from '../fake-clock.ts'
import { type Behaviour, FakeNetwork, fakePage } from './network.ts'

const [A, B, C] = ['https://a', 'https://b', 'https://c'] as const

async function open(behaviour: Record<string, Behaviour>, options: Partial<FailoverOptions> = {}) {
  const clock = new FakeClock()
  const network = new FakeNetwork(clock, behaviour)
  const page = fakePage()
  const backends = Object.keys(behaviour).map((host) => `https://${host}`)
  const failover = createFailover({
    backends,
    fetch: network.fetch,
    clock,
    page,
    random: () => 0.5,
    ...options,
  })
  await settled()
  return { clock, network, page, failover }
}

const statuses = (failover: { state: { backends: readonly { status: string }[] } }) =>
  failover.state.backends.map(({ status }) => status)

describe('health checks', () => {
  it('ask every backend at the start, then every 30 s', async () => {
    const { clock, network, failover } = await open({ a: 'healthy', b: 'degraded' })
    expect(statuses(failover)).toEqual(['healthy', 'degraded'])
    await clock.advance(90_000)
    expect(network.checks('a')).toHaveLength(4)
    expect(network.checks('b')).toHaveLength(4)
  })

  it('take anything else than a health report for unreachable', async () => {
    const answers = [
      () => new Response('<html>'),
      () => Response.json({ status: 'fine' }),
      () => Response.json(null),
    ]
    for (const answer of answers) {
      const { failover } = await open({ a: 'healthy' }, { fetch: async () => answer() })
      expect(statuses(failover)).toEqual(['unreachable'])
    }
  })

  it('pause while the page is hidden, and ask at once when it is shown', async () => {
    const { clock, network, page } = await open({ a: 'healthy', b: 'refused' })
    page.set(true)
    const before = network.calls.length
    await clock.advance(600_000)
    expect(network.calls).toHaveLength(before)
    page.set(false)
    await settled()
    expect(network.calls).toHaveLength(before + 2)
  })

  it('ask at once when the browser is online again', async () => {
    const { network, page, failover } = await open({ a: 'refused' })
    network.behaviour.set('a', 'healthy')
    page.set(false)
    await settled()
    expect(statuses(failover)).toEqual(['healthy'])
  })

  it('leave nothing behind once closed', async () => {
    const { clock, network, failover } = await open({ a: 'healthy', b: 'hanging' })
    failover.close()
    await settled()
    expect(clock.pending).toBe(0)
    const before = network.calls.length
    await clock.advance(600_000)
    expect(network.calls).toHaveLength(before)
  })
})

describe('the choice', () => {
  it('moves on when the current backend is degraded, or cannot be reached', async () => {
    for (const how of ['degraded', 'refused', 'unavailable', 'hanging'] as const) {
      const { clock, network, failover } = await open({ a: 'healthy', b: 'healthy' })
      network.behaviour.set('a', how)
      await clock.advance(40_000)
      expect(failover.current).toBe(B)
    }
  })

  it('stays when all others are worse, or as bad', async () => {
    const { clock, failover } = await open({ a: 'degraded', b: 'refused', c: 'degraded' })
    await clock.advance(300_000)
    expect(failover.current).toBe(A)
  })

  it('takes the first that is well', async () => {
    const { failover } = await open({ a: 'degraded', b: 'refused', c: 'healthy' })
    expect(failover.current).toBe(C)
  })

  it('returns to a preferred backend only after three healthy checks in a row', async () => {
    const { clock, network, failover } = await open({ a: 'refused', b: 'healthy' })
    expect(failover.current).toBe(B)
    network.behaviour.set('a', 'healthy')
    await clock.advance(45_000)
    expect(failover.current).toBe(B)
    await clock.advance(30_000)
    expect(failover.current).toBe(A)
  })

  it('does not follow a backend that comes and goes', async () => {
    const { clock, network, failover } = await open({ a: 'refused', b: 'healthy' })
    const seen: string[] = []
    failover.subscribe(({ current }) => seen.push(current))
    for (let turn = 0; turn < 10; turn++) {
      network.behaviour.set('a', 'healthy')
      await clock.advance(45_000)
      network.behaviour.set('a', 'refused')
      await clock.advance(45_000)
    }
    expect(new Set(seen)).toEqual(new Set([B]))
  })

  it('serves from another backend while the preferred one wakes', async () => {
    const { clock, failover } = await open({ a: 'asleep', b: 'healthy' })
    expect(failover.current).toBe(A)
    await clock.advance(5_000)
    expect(statuses(failover)).toEqual(['waking', 'healthy'])
    expect(failover.current).toBe(B)
    await clock.advance(15_000)
    expect(statuses(failover)).toEqual(['healthy', 'healthy'])
  })

  it('wakes the others as soon as the current one is not well', async () => {
    const { clock, network, failover } = await open({ a: 'healthy', b: 'healthy' })
    await clock.advance(10_000)
    network.behaviour.set('a', 'refused')
    await failover.fetch('/api/products').catch(() => {})
    expect(network.checks('b')).toHaveLength(2)
  })
})

describe('subscribers', () => {
  it('hear of changes only, and get the state by which they can tell', async () => {
    const { clock, network, failover } = await open({ a: 'healthy', b: 'healthy' })
    const states: unknown[] = []
    const leave = failover.subscribe((state) => states.push(state))
    const before = failover.state
    await clock.advance(120_000)
    expect(states).toEqual([])
    expect(failover.state).toBe(before)
    network.behaviour.set('b', 'degraded')
    await clock.advance(30_000)
    expect(states).toEqual([failover.state])
    leave()
    network.behaviour.set('b', 'healthy')
    await clock.advance(30_000)
    expect(states).toHaveLength(1)
  })
})
