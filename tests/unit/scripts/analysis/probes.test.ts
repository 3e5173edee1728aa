import { describe, expect, it } from 'vitest'
import { type Probe, ProbeRequest, probeRequest, undoProbe } from '../../../../scripts/analysis/probes.ts'
import { startProbes } from '../../../../scripts/analysis/probing.ts'
import type { Answer, HttpOptions } from '../../../../scripts/ports.ts'
import { FakeClock } from './fake-clock.ts'

describe('the definition of a probe', () => {
  it('may be a line', () => {
    expect(ProbeRequest.parse('GET /api/products')).toEqual({
      method: 'GET',
      path: '/api/products',
      headers: {},
    })
  })
  it('may say what is sent, what is expected and how to take it back', () => {
    const probe = ProbeRequest.parse({
      ...{ method: 'POST', path: '/api/orders', body: { email: 'probe@example.com' }, expect: 201 },
      undo: 'POST /api/orders/{order.id}/cancel',
    })
    expect(probe).toEqual({
      ...{ method: 'POST', path: '/api/orders', headers: {}, expect: 201, json: true },
      body: '{"email":"probe@example.com"}',
      undo: { method: 'POST', path: '/api/orders/{order.id}/cancel' },
    })
  })
  it.each([
    'api/products',
    'FETCH /api',
    { path: 'api' },
    { path: '/', undo: 'cancel' },
    { path: '/', expect: 99 },
    { path: '/', retries: 3 },
  ])('%j is refused', (request) => {
    expect(ProbeRequest.safeParse(request).success).toBe(false)
  })
})

describe('a probe', () => {
  const order: Probe = {
    ...{
      method: 'POST',
      path: '/api/orders',
      headers: { 'X-Trace': 'probe {uuid}' },
      body: '{"ref":"{uuid}"}',
    },
    ...{ json: true, undo: { method: 'POST', path: '/api/orders/{order.id}/cancel' } },
  }
  it('fills its templates and carries a key of its own', () => {
    const { options } = probeRequest(order, '1234')
    expect(options).toEqual({
      method: 'POST',
      body: '{"ref":"1234"}',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': 'probe-1234',
        'x-trace': 'probe 1234',
      },
    })
  })
  it('leaves a given key alone', () => {
    const own = { ...order, headers: { 'Idempotency-Key': 'mine-{uuid}' } }
    expect(probeRequest(own, '1').options.headers?.['idempotency-key']).toBe('mine-1')
  })
  it('is taken back with what its answer says, escaped', () => {
    expect(undoProbe(order, '{"order":{"id":"a/b"}}')?.path).toBe('/api/orders/a%2Fb/cancel')
    expect(undoProbe(order, '{"order":{}}')).toBeUndefined()
    expect(undoProbe(order, 'no JSON')).toBeUndefined()
  })
})

describe('the sender', () => {
  const get: Probe = { method: 'GET', path: '/', headers: {} }
  const setUp = (answer: (colour: string) => Promise<Answer>, { rate = 5, probes = [get] } = {}) => {
    const clock = new FakeClock()
    const sent: { colour: string; at: number; headers: HttpOptions['headers'] }[] = []
    const http = {
      request: (_port: number, _path: string, options?: HttpOptions) => {
        const colour = options?.headers?.['x-ecomweb-colour'] ?? ''
        sent.push({ colour, at: clock.now(), headers: options?.headers })
        return answer(colour)
      },
    }
    let id = 0
    const probing = startProbes(
      { http, clock },
      { probes, port: 80, token: 'secret', rate, id: () => `id-${id++}` },
    )
    return { clock, sent, probing }
  }
  const ok = async (): Promise<Answer> => ({ status: 200, headers: {}, body: '' })

  it('asks both colours at the rate, one after the other', async () => {
    const { clock, sent, probing } = setUp(ok)
    probing.want(true)
    await clock.run(clock.sleep(10_000).then(probing.stop))
    const [blue, green] = ['blue', 'green'].map((name) => sent.filter(({ colour }) => colour === name).length)
    expect(Math.abs((blue ?? 0) - (green ?? 0))).toBeLessThanOrEqual(1)
    expect(blue).toBeGreaterThanOrEqual(48)
    expect(blue).toBeLessThanOrEqual(51)
    expect(sent[0]?.headers).toMatchObject({ 'x-ecomweb-preview': 'secret', 'x-ecomweb-probe': '1' })
  })
  it('rests until it is wanted, and again when it is not', async () => {
    const { clock, sent, probing } = setUp(ok)
    await clock.run(clock.sleep(3000))
    expect(sent).toHaveLength(0)
    probing.want(true)
    await clock.run(clock.sleep(3000))
    probing.want(false)
    const before = sent.length
    await clock.run(clock.sleep(3000).then(probing.stop))
    expect(before).toBeGreaterThan(20)
    expect(sent.length).toBe(before)
  })
  it('does not pile up probes on a colour that hangs, nor spare the other', async () => {
    const hanging = setUp((colour) => (colour === 'green' ? new Promise(() => {}) : ok()))
    hanging.probing.want(true)
    await hanging.clock.run(hanging.clock.sleep(10_000))
    expect(hanging.sent.filter(({ colour }) => colour === 'green')).toHaveLength(10)
    expect(hanging.sent.filter(({ colour }) => colour === 'blue').length).toBeGreaterThan(45)
  })
  it('counts what HAProxy does not: no answer, and a wrong status below 500', async () => {
    const lost = setUp(() => Promise.reject(new Error('refused')), { rate: 1 })
    lost.probing.want(true)
    await lost.clock.run(lost.clock.sleep(5000).then(lost.probing.stop))
    const { blue } = lost.probing.unseen()
    expect(blue.errors).toBeGreaterThan(3)
    expect(blue.unanswered).toBe(blue.errors)

    const wrong = setUp(ok, { rate: 1, probes: [{ ...get, expect: 204 }] })
    wrong.probing.want(true)
    await wrong.clock.run(wrong.clock.sleep(5000).then(wrong.probing.stop))
    expect(wrong.probing.unseen().green).toMatchObject({ unanswered: 0 })
    expect(wrong.probing.unseen().green.errors).toBeGreaterThan(3)
  })
})
