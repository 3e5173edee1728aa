import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { stack } from '../harness/current.ts'
import type { StackFeed } from '../harness/feed.ts'

/** The tests of a feed before its first refresh. */
export function itIsClosedAndEmpty(feed: StackFeed): void {
  it('nobody is answered without the right key', async () => {
    for (const path of ['/status', '/fetch-data', '/fetch-data?stream=true', '/refresh', '/refresh/cancel']) {
      const method = path.startsWith('/refresh') ? 'POST' : 'GET'
      for (const key of ['', 'another key']) {
        const answer = await feed.ask(path, { method, headers: { 'x-api-key': key } })
        expect([answer.status, answer.json()]).toEqual([401, { error: 'Unauthorized' }])
      }
    }
  })

  it('there is no data before the first refresh, and that is said', async () => {
    for (const path of ['/fetch-data', '/fetch-data?stream=true']) {
      const answer = await feed.ask(path)
      expect([answer.status, answer.json()]).toEqual([503, { error: 'No cached data' }])
    }
    expect(await feed.status()).toMatchObject({ status: 'ok', count: null, refresh: { in_progress: false } })
  })
}

/** The tests of a feed that has data, however it came there and whatever goes on meanwhile. */
export function itServes(feed: StackFeed): void {
  it('it is served whole in each encoding, with its checksum in /status, by both colours', async () => {
    const plain = await feed.ask('/fetch-data', { headers: { 'accept-encoding': 'identity' } })
    const { status, count, data } = plain.json()
    expect([status, count]).toEqual(['success', data.length])
    expect(await feed.status()).toMatchObject({ count, bytes: plain.body.length, checksum: plain.sha256 })
    for (const [encoding, decode] of [['gzip', gunzipSync] as const, ['zstd', zstdDecompressSync] as const]) {
      const packed = await feed.ask('/fetch-data', { headers: { 'accept-encoding': encoding } })
      expect(packed.headers['content-encoding']).toBe(encoding)
      expect(packed.body.length).toBeLessThan(plain.body.length / 4)
      expect(decode(packed.body).equals(plain.body)).toBe(true)
    }
    expect(await feed.tag('blue')).toBe(await feed.tag('green'))
  })

  it('it is sent once to a client that keeps it, and in parts to one that asks for them', async () => {
    const whole = await feed.ask('/fetch-data')
    const etag = String(whole.headers.etag)
    const again = await feed.ask('/fetch-data', { headers: { 'if-none-match': etag } })
    expect([again.status, again.body.length]).toEqual([304, 0])
    const part = (range: string, condition = etag) =>
      feed.ask('/fetch-data', { headers: { range, 'if-range': condition } })
    const some = await part('bytes=100-1099')
    const of = `bytes 100-1099/${whole.body.length}`
    expect([some.status, some.headers['content-range']]).toEqual([206, of])
    expect(some.body.equals(whole.body.subarray(100, 1100))).toBe(true)
    expect((await part('bytes=100-1099', '"of another version"')).status).toBe(200)
    expect((await part(`bytes=${whole.body.length}-`)).status).toBe(416)
  })

  it('it is an error where it cannot be read', async () => {
    const mode = (bits: string) =>
      stack.docker([
        ...['exec', stack.container('api_blue'), 'sh', '-c'],
        `chmod ${bits} /data/feed/versions/*/data.json`,
      ])
    await mode('000')
    const answer = await feed.ask('/fetch-data').finally(() => mode('644'))
    expect([answer.status, answer.json()]).toEqual([500, { error: 'Error reading cache' }])
    expect((await feed.ask('/fetch-data')).status).toBe(200)
  })
}
