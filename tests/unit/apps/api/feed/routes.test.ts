import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { chooseEncoding } from '../../../../../apps/api/feed/encoding.ts'
import { feedOperations } from '../../../../../apps/api/feed/operations.ts'
import { ENCODINGS } from '../../../../../apps/core/feed/splice.ts'
import { type Body, decoded, hashOf, orders, write } from '../../core/feed/cache.fixture.ts'
import { type Answered, KEY, OTHER_KEY, startFeed } from './feed.fixture.ts'

const json = ({ body }: Answered) => JSON.parse(body.toString())

describe('a key', () => {
  const paths = [
    ['GET', '/status'],
    ['GET', '/fetch-data'],
    ['GET', '/fetch-data?stream=true&refresh=true'],
    ['HEAD', '/fetch-data'],
    ['POST', '/refresh'],
    ['POST', '/refresh/cancel'],
  ] as const
  test.each(paths)('is needed for %s %s', async (method, path) => {
    const app = await startFeed()
    for (const key of ['', 'wrong', `${OTHER_KEY} `.repeat(1000)]) {
      const answer = await app.ask(path, { 'x-api-key': key }, method)
      expect(answer.status).toBe(401)
      if (method !== 'HEAD') expect(json(answer)).toEqual({ error: 'Unauthorized' })
    }
    expect(app.refresh.triggered).toBe(0)
  })

  test('may be any of several', async () => {
    const app = await startFeed()
    for (const key of [KEY, OTHER_KEY])
      expect((await app.ask('/status', { 'x-api-key': key })).status).toBe(200)
  })
})

describe('what goes wrong is said as the clients of the feed know it', () => {
  test('nothing is cached yet', async () => {
    const app = await startFeed()
    for (const path of ['/fetch-data', '/fetch-data?refresh=true', '/fetch-data?stream=true']) {
      const answer = await app.ask(path)
      expect([answer.status, answer.headers['content-type'], json(answer)]).toEqual([
        503,
        'application/json; charset=utf-8',
        { error: 'No cached data' },
      ])
    }
  })

  test('the cache cannot be read', async () => {
    const app = await startFeed()
    const { id } = await write(app.dir, orders(1))
    await writeFile(join(app.dir, 'versions', id, 'meta.json'), '{')
    for (const path of ['/status', '/fetch-data', '/fetch-data?refresh=true', '/fetch-data?stream=true']) {
      const answer = await app.ask(path)
      expect([answer.status, json(answer)]).toEqual([500, { error: 'Error reading cache' }])
    }
  })

  test('anything else', async () => {
    const app = await startFeed()
    app.refresh.failure = new Error('a secret of the database')
    const answer = await app.ask('/refresh', {}, 'POST')
    expect([answer.status, json(answer)]).toEqual([500, { error: 'Internal error' }])
  })

  test('another method', async () => {
    const app = await startFeed()
    expect((await app.ask('/fetch-data', {}, 'DELETE')).status).toBe(405)
    expect((await app.ask('/refresh')).headers.allow).toBe('POST')
  })
})

describe('the status', () => {
  const schema = feedOperations[0]?.answers[200]?.schema

  test('tells of a refresh that waits for its worker', async () => {
    const app = await startFeed()
    app.refresh.now = { running: null, last: null, waitingSince: new Date(0) }
    const body = json(await app.ask('/status'))
    expect(schema?.safeParse(body)).toMatchObject({ success: true })
    expect(body.refresh).toEqual({
      ...{ in_progress: true, phase: 'waiting for a worker', last: null },
      waiting_since: '1970-01-01T00:00:00.000Z',
    })
  })

  test('tells of the version and of the refresh', async () => {
    const app = await startFeed()
    const empty = json(await app.ask('/status'))
    expect(empty).toEqual({
      ...{ status: 'ok', count: null, bytes: null, checksum: null, updated_at: null },
      refresh: { in_progress: false, last: null },
    })
    const meta = await write(app.dir, orders(7))
    app.refresh.end('1', 'failed', 'wrong password')
    app.refresh.run('2')
    const status = json(await app.ask('/status'))
    expect(status).toEqual({
      ...{ status: 'ok', count: 7, bytes: meta.bytes, checksum: meta.sha256, updated_at: meta.updated_at },
      refresh: {
        ...{ in_progress: true, phase: 'exporting', rows: 10, rows_expected: 20 },
        started_at: new Date(0).toISOString(),
        last: { status: 'failed', finished_at: new Date(1000).toISOString(), failure: 'wrong password' },
      },
    })
    for (const one of [empty, status]) expect(schema?.parse(one)).toEqual(one)
  })

  test('works without the database', async () => {
    const app = await startFeed()
    await write(app.dir, orders(7))
    app.refresh.now = 'unknown'
    const status = json(await app.ask('/status'))
    expect(status).toMatchObject({ count: 7, refresh: { unknown: true } })
    expect(schema?.parse(status)).toEqual(status)
  })
})

describe('the data', () => {
  test.each(ENCODINGS)('comes in %s as it is on disk, and only once', async (encoding) => {
    const app = await startFeed()
    const meta = await write(app.dir, orders(5000))
    const headers = { 'accept-encoding': encoding }
    const { status, headers: got, body } = await app.ask('/fetch-data', headers)
    expect(status).toBe(200)
    expect(hashOf(decoded[encoding](body))).toBe(meta.sha256)
    expect(got['content-encoding']).toBe(encoding === 'identity' ? undefined : encoding)
    expect(got).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(meta.encodings[encoding].bytes),
      'cache-control': 'private, no-cache',
      vary: 'Accept-Encoding',
      'accept-ranges': 'bytes',
    })
    expect(got['x-request-id']).toBeDefined()
    const head = await app.ask('/fetch-data', headers, 'HEAD')
    expect([head.status, head.body.length, head.headers.etag]).toEqual([200, 0, got.etag])
    expect(head.headers['content-length']).toBe(got['content-length'])
    const again = await app.ask('/fetch-data', { ...headers, 'if-none-match': String(got.etag) })
    expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, got.etag])
    const since = { ...headers, 'if-modified-since': String(got['last-modified']) }
    expect((await app.ask('/fetch-data', since)).status).toBe(304)
  })

  test('has a tag of its own for each version and encoding', async () => {
    const app = await startFeed()
    const tags = new Set<unknown>()
    for (const label of ['a', 'b']) {
      await write(app.dir, orders(1, label))
      for (const encoding of ENCODINGS)
        tags.add((await app.ask('/fetch-data', { 'accept-encoding': encoding })).headers.etag)
    }
    expect(tags.size).toBe(6)
    for (const tag of tags) expect(tag).toMatch(/^"[\w-]+"$/)
  })

  test.each(ENCODINGS)('can be fetched piece by piece in %s', async (encoding) => {
    const app = await startFeed()
    const meta = await write(app.dir, orders(3000))
    const { bytes } = meta.encodings[encoding]
    const headers = { 'accept-encoding': encoding }
    const tag = String((await app.ask('/fetch-data', headers, 'HEAD')).headers.etag)
    const pieces: Buffer[] = []
    for (const range of ['0-99', `100-${bytes - 51}`, '-50']) {
      const piece = await app.ask('/fetch-data', { ...headers, range: `bytes=${range}`, 'if-range': tag })
      expect(piece.status).toBe(206)
      expect(piece.headers['content-length']).toBe(String(piece.body.length))
      pieces.push(piece.body)
    }
    expect(hashOf(decoded[encoding](Buffer.concat(pieces)))).toBe(meta.sha256)
  })

  test.each([
    ['beyond the end', { range: 'bytes=999999999-' }, 416],
    ['that is none', { range: 'bytes=x-y' }, 200],
    ['of other units', { range: 'rows=0-9' }, 200],
    ['of several parts', { range: 'bytes=0-1,5-6' }, 200],
    ['of another version', { range: 'bytes=0-9', 'if-range': '"another"' }, 200],
    ['with a condition that fails', { range: 'bytes=0-9', 'if-match': '"another"' }, 412],
    ['with a condition that holds', { range: 'bytes=0-9', 'if-match': '*' }, 206],
  ])('a range %s', async (_name, headers, status) => {
    const app = await startFeed()
    const meta = await write(app.dir, orders(3))
    const answer = await app.ask('/fetch-data', headers)
    expect(answer.status).toBe(status)
    if (status === 416) expect(answer.headers['content-range']).toBe(`bytes */${meta.bytes}`)
    if (status === 200) expect(answer.body.length).toBe(meta.bytes)
    if (status >= 400) expect(Object.keys(json(answer))).toEqual(['error'])
  })

  test.each(ENCODINGS)('says in %s what became of the refresh, before all else', async (encoding) => {
    const app = await startFeed()
    await write(app.dir, orders(4000))
    const headers = { 'accept-encoding': encoding }
    const fetched = async () => {
      const answer = await app.ask('/fetch-data?refresh=true', headers)
      expect(answer.headers.etag).toBeUndefined()
      expect(answer.headers['content-length']).toBe(String(answer.body.length))
      const body = JSON.parse(decoded[encoding](answer.body).toString()) as Body & { _info: string }
      expect(Object.keys(body)[0]).toBe('_info')
      expect([body.count, body.data.length]).toEqual([4000, 4000])
      return body._info
    }
    expect(await fetched()).toBe('Background refresh triggered')
    app.refresh.run('1')
    expect(await fetched()).toBe('Background refresh already in progress')
    app.refresh.failure = new Error('no database')
    expect(await fetched()).toBe('Background refresh could not be triggered')
    expect(app.refresh.triggered).toBe(1)
  })

  test('a look at the headers begins no refresh', async () => {
    const app = await startFeed()
    await write(app.dir, orders(1))
    for (const query of ['refresh=true', 'refresh=true&stream=true'])
      expect((await app.ask(`/fetch-data?${query}`, {}, 'HEAD')).status).toBe(200)
    expect(app.refresh.triggered).toBe(0)
  })
})

describe('the encoding', () => {
  test.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['zstd;q=0.5, gzip;q=0.8', 'gzip'],
    ['gzip;q=0, zstd;q=0', 'identity'],
    ['*', 'zstd'],
    ['*;q=0.5, gzip', 'gzip'],
    ['br', 'identity'],
    ['gzip;q=0.1, identity;q=0.2', 'identity'],
    ['identity;q=0', undefined],
    ['*;q=0', undefined],
    ['*;q=0, gzip', 'gzip'],
    ['gzip;q=nonsense', 'identity'],
  ])('for %s is %s', (accepted, encoding) => {
    expect(chooseEncoding(accepted, ENCODINGS)).toBe(encoding)
  })

  test('that nobody has is refused', async () => {
    const app = await startFeed()
    await write(app.dir, orders(1))
    expect((await app.ask('/fetch-data', { 'accept-encoding': '*;q=0' })).status).toBe(406)
  })
})

test('a refresh is begun and cancelled', async () => {
  const app = await startFeed()
  const post = async (path: string) => {
    const answer = await app.ask(path, {}, 'POST')
    return [answer.status, json(answer)]
  }
  expect(await post('/refresh/cancel')).toEqual([409, { error: 'No refresh in progress' }])
  expect(await post('/refresh')).toEqual([202, { status: 'triggered' }])
  app.refresh.run('1')
  expect(await post('/refresh')).toEqual([202, { status: 'already in progress' }])
  expect(await post('/refresh/cancel')).toEqual([202, { status: 'cancelling' }])
})

describe('a version that is replaced', () => {
  test('is the one that the very next request is told of', async () => {
    const app = await startFeed()
    let before = await write(app.dir, orders(3, 'v0'))
    for (let version = 1; version <= 10; version++) {
      const known = { 'accept-encoding': 'identity', 'if-none-match': `"${before.id}-identity"` }
      expect((await app.ask('/fetch-data', known)).status).toBe(304)
      const meta = await write(app.dir, orders(3, `v${version}`))
      const answer = await app.ask('/fetch-data', known)
      expect([answer.status, hashOf(answer.body)]).toEqual([200, meta.sha256])
      before = meta
    }
  })

  test('is not opened for an answer without a body', async () => {
    const app = await startFeed()
    const { id } = await write(app.dir, orders(3))
    app.parts.feed.cache.open = () => Promise.reject(new Error('opened'))
    const known = { 'accept-encoding': 'gzip', 'if-none-match': `"${id}-gzip"` }
    expect((await app.ask('/fetch-data', known)).status).toBe(304)
    expect((await app.ask('/fetch-data', { 'accept-encoding': 'gzip' }, 'HEAD')).status).toBe(200)
  })

  test('between the look at its conditions and its file does not leave the headers of the first', async () => {
    const app = await startFeed()
    await write(app.dir, orders(300))
    const { cache } = app.parts.feed
    const open = cache.open.bind(cache)
    const larger = () => write(app.dir, orders(500, 'b'))
    cache.open = async (encoding) => {
      await larger()
      return open(encoding)
    }
    const { status, headers, body } = await app.ask('/fetch-data', {
      ...{ 'accept-encoding': 'identity', range: 'bytes=0-99' },
      'if-range': `"${(await cache.meta())?.id}-identity"`,
    })
    const meta = await cache.meta()
    expect([status, headers.etag, headers['content-range'], hashOf(body)]).toEqual([
      ...[200, `"${meta?.id}-identity"`, undefined, meta?.sha256],
    ])
    expect(headers['content-length']).toBe(String(meta?.bytes))
  })
})
