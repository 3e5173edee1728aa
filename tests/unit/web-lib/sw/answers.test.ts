import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../../apps/web/sw/catalogue.ts'
import { networkFirst } from '../../../../apps/web/sw/network-first.ts'
import { FakeCaches } from './fake-caches.ts'

const MINUTE = 60_000
const never = () => new Promise<never>(() => {})

describe('the network first', () => {
  const kept = async () => new Response('kept')
  const nothing = async () => undefined
  const text = async (answer: Promise<Response>) => (await answer).text()

  it('gives its answer, also one that says no', async () => {
    expect(await text(networkFirst(async () => new Response('new'), kept, never))).toBe('new')
    const gone = await networkFirst(async () => new Response('', { status: 404 }), kept, never)
    expect(gone.status).toBe(404)
  })

  it('is replaced by what is kept when it is away, slow or not well', async () => {
    expect(await text(networkFirst(() => Promise.reject(new TypeError('away')), kept, never))).toBe('kept')
    expect(await text(networkFirst(async () => new Response('', { status: 503 }), kept, never))).toBe('kept')
    expect(await text(networkFirst(never, kept, async () => {}))).toBe('kept')
  })

  it('has the last word when nothing is kept', async () => {
    expect((await networkFirst(async () => new Response('', { status: 503 }), nothing, never)).status).toBe(
      503,
    )
    await expect(networkFirst(() => Promise.reject(new TypeError('away')), nothing, never)).rejects.toThrow(
      'away',
    )
    const slow = new Promise<Response>((resolve) => setImmediate(resolve, new Response('slow')))
    expect(
      await text(
        networkFirst(
          () => slow,
          nothing,
          async () => {},
        ),
      ),
    ).toBe('slow')
  })
})

describe('the catalogue', () => {
  async function shop() {
    const cache = await new FakeCaches().open('catalogue')
    const state = {
      now: 10 * MINUTE,
      version: 1,
      away: false,
      status: 200,
      headers: {} as Record<string, string>,
    }
    let asked = 0
    return {
      state,
      cache,
      get asked() {
        return asked
      },
      async read(path = '/api/products', revalidate = false): Promise<unknown> {
        const work: Promise<unknown>[] = []
        const ask = async () => {
          asked += 1
          if (state.away) throw new TypeError('away')
          return Response.json({ version: state.version }, { status: state.status, headers: state.headers })
        }
        const parts = {
          cache,
          ask,
          now: state.now,
          waitUntil: (more: Promise<unknown>) => void work.push(more),
        }
        const response = await catalogue(path, revalidate, parts)
        const { version } = (await response.json()) as { version: number }
        for (let next = work.pop(); next; next = work.pop()) await next
        return response.status === 200 ? version : response.status
      },
    }
  }

  it('is given at once for five minutes and renewed behind it', async () => {
    const { state, read } = await shop()
    expect(await read()).toBe(1)
    state.version = 2
    state.now += 5 * MINUTE
    expect(await read()).toBe(1)
    expect(await read()).toBe(2)
  })

  it('is asked for when it is older', async () => {
    const { state, read } = await shop()
    await read()
    state.version = 2
    state.now += 5 * MINUTE + 1
    expect(await read()).toBe(2)
  })

  it('is asked for when the page wants the newest, and when the clock was put back', async () => {
    const { state, read } = await shop()
    await read()
    state.version = 2
    expect(await read('/api/products', true)).toBe(2)
    state.version = 3
    state.now -= 1
    expect(await read()).toBe(3)
  })

  it('can be read offline, however old, and says of when it is', async () => {
    const { state, cache, read } = await shop()
    await read()
    state.now += 1000 * MINUTE
    state.away = true
    expect(await read()).toBe(1)
    expect((await cache.match('/api/products'))?.headers.get('X-Ecomweb-Stored')).toBe(String(10 * MINUTE))
    await expect(read('/api/products?page=2')).rejects.toThrow('away')
  })

  it('is given as it was while the server is not well', async () => {
    const { state, read } = await shop()
    await read()
    Object.assign(state, { now: state.now + 6 * MINUTE, status: 503 })
    expect(await read()).toBe(1)
    expect(await read('/api/products?page=2')).toBe(503)
  })

  it.each([
    ['an error', { status: 404 }],
    ['what must not be stored', { headers: { 'Cache-Control': 'no-store' } }],
    ['what is private', { headers: { 'Cache-Control': 'private, max-age=60' } }],
  ])('never keeps %s', async (_, answer) => {
    const { state, cache, read } = await shop()
    Object.assign(state, answer)
    await read()
    expect(await cache.keys()).toEqual([])
  })

  it('keeps the 200 that were stored last', async () => {
    const { cache, read } = await shop()
    for (let page = 0; page < 203; page++) await read(`/api/products?page=${page}`)
    await read('/api/products?page=3')
    const urls = (await cache.keys()).map(({ url }) => new URL(url).search)
    expect(urls).toHaveLength(200)
    expect(urls[0]).toBe('?page=4')
    expect(urls.at(-1)).toBe('?page=3')
  })
})
