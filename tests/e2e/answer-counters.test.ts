import { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSample } from '../../scripts/analysis/counters.ts'
import type { Window } from '../../scripts/analysis/types.ts'
import { between } from '../../scripts/analysis/window.ts'
import { systemClock } from '../../scripts/stack/wait.ts'
import { startEdge, type TestEdge } from './harness/edge/edge.ts'
import { get, openWebSocket } from './harness/edge/request.ts'
import { waitUntil } from './harness/wait.ts'

describe.each(['haproxy:3.2', 'haproxy:3.0'])('what %s counts', (image) => {
  let edge: TestEdge
  beforeAll(async () => {
    edge = await startEdge(image)
    await edge.route({ active: 'blue' })
  })
  afterAll(() => edge.remove())

  const look = () => readSample({ edge, clock: systemClock })
  /** What was counted while `act` ran, and shortly after: some counters move when a connection is given up. */
  async function during(act: () => Promise<unknown>, expected: (window: Window) => boolean = () => true) {
    const before = await look()
    await act()
    return waitUntil(
      'it is counted',
      async () => {
        const window = between(before, await look())
        return window !== 'reset' && expected(window) && window
      },
      { timeoutMs: 5_000 },
    )
  }
  const times = async (count: number, act: () => Promise<unknown>) => {
    for (let at = 0; at < count; at += 1) await act()
  }
  const preview = (path: string, headers: Record<string, string> = {}) =>
    edge.get(path, { headers: { 'x-ecomweb-preview': edge.token, 'x-ecomweb-colour': 'green', ...headers } })
  const probe = (path: string) => preview(path, { 'x-ecomweb-probe': '1' })
  /** To two significant digits, downwards. */
  const floor = (ms: number) => {
    const unit = 10 ** Math.max(0, Math.floor(Math.log10(ms)) - 1)
    return Math.floor(ms / unit) * unit
  }
  const NONE = { responses: 0, serverErrors: 0, latency: new Map() }

  it('is answers by colour, users apart from probes', async () => {
    const { colours } = await during(async () => {
      await times(7, () => edge.get('/echo'))
      await times(3, () => edge.get('/status/500'))
      await edge.get('/status/404')
      await times(5, () => probe('/echo'))
      await times(2, () => probe('/status/503'))
    })
    expect(colours.blue.users).toMatchObject({ responses: 11, serverErrors: 3 })
    expect(colours.blue.probes).toEqual(NONE)
    expect(colours.green.users).toEqual(NONE)
    expect(colours.green.probes).toMatchObject({ responses: 7, serverErrors: 2 })
  })

  it('is neither the preview of a person nor a question for readiness', async () => {
    const window = await during(async () => {
      await preview('/echo')
      await preview('/status/500')
      await preview('/ready')
      await probe('/ready')
      expect((await edge.get('/ready')).status).toBe(404)
    })
    const quiet = { users: NONE, probes: NONE }
    expect(window.colours).toEqual({ blue: quiet, green: quiet })
    expect(window.edgeErrors).toEqual({ blue: 0, green: 0 })
  })

  it.each([5, 20, 100, 1500])('is a latency of %i ms in the bucket of two digits', async (delay) => {
    let measured = 0
    const { colours } = await during(async () => {
      measured = (await edge.get(`/delay/${delay}`)).ms
    })
    const [[bucket, answers] = [], ...others] = [...colours.blue.users.latency]
    expect(others).toEqual([])
    expect(answers).toBe(1)
    // Timers of both sides have whole milliseconds, and a busy machine answers later; the client saw how late.
    expect(bucket).toBeGreaterThanOrEqual(floor(delay - 1))
    expect(bucket).toBeLessThanOrEqual(floor(measured + 1))
    expect(bucket).toBe(floor(bucket ?? 0))
  })

  it('is one answer for early hints with what follows, and one for a WebSocket', async () => {
    const { colours } = await during(async () => {
      await edge.get('/early-hints')
      await openWebSocket(edge.host)
    })
    expect(colours.blue.users).toMatchObject({ responses: 2, serverErrors: 0 })
  })

  it.each(['close', 'reset', 'garbage', 'half'])(
    'is one failure of HAProxy when the answer is: %s',
    async (how) => {
      for (const keepAlive of [false, true]) {
        const agent = new Agent({ keepAlive, maxSockets: 1 })
        // The second request of a client may take a server connection that was used before.
        await times(keepAlive ? 2 : 0, () => get(edge.host, '/echo', { agent }))
        const window = await during(
          () => get(edge.host, `/${how}`, { agent }).catch(() => {}),
          ({ edgeErrors }) => edgeErrors.blue > 0,
        )
        // A reset that meets a request still being sent may count as refused and as broken off.
        expect(how === 'reset' ? [1, 2] : [1]).toContain(window.edgeErrors.blue)
        expect(window.edgeErrors.green).toBe(0)
        expect(window.colours.blue.users.serverErrors).toBe(0)
        expect(window.colours.blue.users.responses).toBe(how === 'half' ? 1 : 0)
        agent.destroy()
      }
    },
  )

  it('is no failure when the client leaves', async () => {
    const window = await during(async () => {
      await fetch(`http://${edge.host}:8080/delay/300`, { signal: AbortSignal.timeout(50) }).catch(() => {})
      await edge.get('/delay/400')
    })
    expect(window.edgeErrors).toEqual({ blue: 0, green: 0 })
  })

  it('is a failure of HAProxy, not an answer of the application, without a server', async () => {
    await edge.stop('blue')
    try {
      const window = await during(
        () => times(3, async () => expect((await edge.get('/echo')).status).toBe(503)),
        ({ edgeErrors }) => edgeErrors.blue >= 3,
      )
      expect(window.colours.blue.users).toEqual(NONE)
      expect(window.edgeErrors).toEqual({ blue: 3, green: 0 })
    } finally {
      await edge.start('blue')
    }
  })

  it('begins at zero after a reload, which is told from an idle time', async () => {
    const before = await look()
    expect(between(before, await look())).not.toBe('reset')
    await edge.reload()
    expect(between(before, await look())).toBe('reset')
  })
})
