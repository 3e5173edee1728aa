import { describe, expect, it } from 'vitest'
import { createFailover } from '../../../../apps/web/lib/failover/failover.ts'
import { FakeClock, settled } from '../fake-clock.ts'
import { type Behaviour, FakeNetwork, fakePage } from './network.ts'

async function open(behaviour: Record<string, Behaviour>) {
  const clock = new FakeClock()
  const network = new FakeNetwork(
    clock,
    Object.fromEntries(Object.keys(behaviour).map((host) => [host, 'healthy'])),
  )
  const backends = Object.keys(behaviour).map((host) => `https://${host}`)
  const failover = createFailover({
    backends,
    fetch: network.fetch,
    clock,
    page: fakePage(),
    random: () => 0.5,
  })
  await settled()
  for (const [host, how] of Object.entries(behaviour)) network.behaviour.set(host, how)
  return { clock, network, failover }
}

const hostOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { host: string }).host
const order = { method: 'POST', body: '{}', headers: { 'Idempotency-Key': 'one-order' } }

describe('a request', () => {
  it('goes to the backend in use alone', async () => {
    const { network, failover } = await open({ a: 'healthy', b: 'healthy' })
    expect(await hostOf(await failover.fetch('/api/products'))).toBe('a')
    expect(network.sent('/api/products')).toEqual(['a'])
  })

  it.each([
    ['GET', {}],
    ['HEAD', { method: 'HEAD' }],
    ['OPTIONS', { method: 'options' }],
    ['a POST with an Idempotency-Key', order],
  ])('is repeated on the next backend: %s', async (_, init) => {
    for (const how of ['refused', 'unavailable'] as const) {
      const { network, failover } = await open({ a: how, b: how, c: 'healthy' })
      expect(await hostOf(await failover.fetch('/api/x', init))).toBe('c')
      expect(network.sent('/api/x')).toEqual(['a', 'b', 'c'])
    }
  })

  it.each([
    ['a POST', { method: 'POST', body: '{}' }],
    ['DELETE', { method: 'DELETE' }],
    ['a stream, which can be read once', { ...order, body: new ReadableStream(), duplex: 'half' }],
  ])('is never repeated: %s', async (_, init) => {
    const { network, failover } = await open({ a: 'refused', b: 'healthy' })
    await expect(failover.fetch('/api/x', init as RequestInit)).rejects.toThrow('fetch failed')
    expect(network.sent('/api/x')).toEqual(['a'])
    expect(failover.current).toBe('https://b')
  })

  it('is given up on a backend that does not answer, and repeated on the next', async () => {
    const { clock, network, failover } = await open({ a: 'hanging', b: 'healthy' })
    const answer = failover.fetch('/api/x')
    await clock.advance(30_000)
    expect(await hostOf(await answer)).toBe('b')
    expect(network.sent('/api/x')).toEqual(['a', 'b'])
  })

  it('ends with the last refusal when nobody does better', async () => {
    const { failover } = await open({ a: 'unavailable', b: 'refused' })
    const response = await failover.fetch('/api/x')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ error: 'not available' })
  })

  it('fails when nobody answers', async () => {
    const { failover } = await open({ a: 'refused', b: 'refused' })
    await expect(failover.fetch('/api/x')).rejects.toThrow('fetch failed')
  })

  it('ends with its signal: nothing is repeated, no backend blamed', async () => {
    const { network, failover } = await open({ a: 'hanging', b: 'healthy' })
    const controller = new AbortController()
    const answer = failover.fetch('/api/x', { signal: controller.signal })
    await settled()
    controller.abort(new Error('left the page'))
    await expect(answer).rejects.toThrow('left the page')
    expect(network.sent('/api/x')).toEqual(['a'])
    expect(failover.state.backends[0]?.status).toBe('healthy')
    await expect(failover.fetch('/api/x', { signal: controller.signal })).rejects.toThrow('left the page')
    expect(network.sent('/api/x')).toEqual(['a'])
  })

  it('never leaves the backends', async () => {
    const { failover } = await open({ a: 'healthy' })
    for (const path of ['https://elsewhere', '//elsewhere', '/\\elsewhere', 'api']) {
      await expect(failover.fetch(path)).rejects.toThrow('one slash')
    }
  })
})

describe('what failed requests say of a backend', () => {
  it('counts once when many fail together', async () => {
    const { clock, network, failover } = await open({ a: 'refused' })
    await clock.advance(1)
    const before = network.checks('a').length
    await Promise.allSettled(Array.from({ length: 20 }, () => failover.fetch('/api/x')))
    // After one failure it is asked again within a second; after twenty it would be a minute.
    await clock.advance(1000)
    expect(network.checks('a').length).toBeGreaterThan(before)
  })

  it('is looked into when it refuses, but not for each refusal', async () => {
    const { clock, network, failover } = await open({ a: 'unavailable' })
    await clock.advance(6000)
    const before = network.checks('a').length
    for (let turn = 0; turn < 20; turn++) await failover.fetch('/api/x')
    await settled()
    expect(network.checks('a').length - before).toBe(1)
  })

  it('brings a backend back that answers again', async () => {
    const { network, failover } = await open({ a: 'refused' })
    await failover.fetch('/api/x').catch(() => {})
    network.behaviour.set('a', 'healthy')
    await failover.fetch('/api/x')
    await settled()
    expect(failover.state.backends[0]?.status).toBe('healthy')
  })
})
