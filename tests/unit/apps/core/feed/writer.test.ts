import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FeedCache, readMeta } from '../../../../../apps/core/feed/cache.ts'
import { ENCODINGS } from '../../../../../apps/core/feed/splice.ts'
import { all, feedFolder, hashOf, openFile, orders, readCurrent, write } from './cache.fixture.ts'

const versions = (dir: string) => readdir(join(dir, 'versions'))
const never = async function* (): AsyncGenerator<string> {
  yield '{}'
  await new Promise(() => {})
}
const failing = async function* (): AsyncGenerator<string> {
  yield* orders(3)
  throw new Error('the connection was cut')
}

describe('a version', () => {
  test.each(ENCODINGS)('is in %s what was written, on one line', async (encoding) => {
    const dir = await feedFolder()
    const at = new Date('2026-11-22T12:00:00.000Z')
    const meta = await write(dir, orders(20_000), { expected: 20_000, now: () => at })
    const body = await readCurrent(dir, encoding)
    expect(body).toMatchObject({ status: 'success', count: 20_000, updated_at: at.toISOString() })
    const rows = await all(orders(20_000))
    expect(body.data.map((row) => JSON.stringify(row))).toEqual(rows)
    expect(meta).toMatchObject({ count: 20_000, updated_at: at.toISOString() })
    const { handle } = await openFile(dir)
    const text = await handle.readFile('utf8').finally(() => handle.close())
    expect(text.startsWith('{"status":"success","count":20000,')).toBe(true)
    expect(text).not.toMatch(/[\r\n\u0085\u2028\u2029]/)
    expect(Buffer.byteLength(text)).toBe(meta.bytes)
  })

  test('may be empty', async () => {
    const dir = await feedFolder()
    await write(dir, orders(0), { expected: 0 })
    for (const encoding of ENCODINGS)
      expect(await readCurrent(dir, encoding)).toMatchObject({ count: 0, data: [] })
  })

  test('tells of its progress', async () => {
    const dir = await feedFolder()
    const told: { phase: string; rows: number; bytes: number }[] = []
    const { bytes } = await write(dir, orders(30_000), { onProgress: (one) => told.push(one) })
    expect([...new Set(told.map(({ phase }) => phase))]).toEqual(['writing', 'compressing', 'swapping'])
    const rows = told.map((one) => one.rows)
    expect(rows).toEqual(rows.toSorted((a, b) => a - b))
    expect(rows.length).toBeGreaterThan(3)
    expect(told.at(-1)).toEqual({ phase: 'swapping', rows: 30_000, bytes })
  })
})

describe('the version before stays', () => {
  const refused: [string, (signal: AbortController) => [AsyncIterable<string>, object], string][] = [
    ['with too few rows', () => [orders(9), { expected: 10 }], '9 rows where 10'],
    ['with too many rows', () => [orders(11), { expected: 10 }], '11 rows where 10'],
    ['when the rows break off', () => [failing(), {}], 'the connection was cut'],
    ['with a row of two lines', () => [rowsOf('{"a":\n1}'), {}], 'more than one line'],
    [
      'when the claim is lost',
      () => [orders(1), { publish: () => Promise.reject(new Error('taken over')) }],
      'taken over',
    ],
    [
      'when it is aborted while rows are awaited',
      (stop) => {
        setImmediate(() => stop.abort(new Error('cancelled')))
        return [never(), {}]
      },
      'cancelled',
    ],
    [
      'when it is aborted while it is compressed',
      (stop) => [
        orders(20_000),
        {
          onProgress: ({ phase }: { phase: string }) =>
            phase === 'compressing' && stop.abort(new Error('late')),
        },
      ],
      'late',
    ],
  ]

  test.each(refused)('%s', async (_name, make, message) => {
    const dir = await feedFolder()
    const { id } = await write(dir, orders(5, 'before'))
    const stop = new AbortController()
    const [rows, options] = make(stop)
    await expect(write(dir, rows, { signal: stop.signal, ...options })).rejects.toThrow(message)
    expect((await readCurrent(dir)).data[0]).toMatchObject({ label: 'before' })
    await write(dir, orders(6, 'after'))
    expect((await readCurrent(dir)).count).toBe(6)
    expect(await versions(dir)).toHaveLength(2)
    expect(await versions(dir)).toContain(id)
  })

  test('when another writer was faster', async () => {
    const dir = await feedFolder()
    const slow = async function* () {
      yield '{"id":1}'
      await write(dir, orders(2, 'fast'))
    }
    await expect(write(dir, slow())).rejects.toThrow()
    expect((await readCurrent(dir)).data[0]).toMatchObject({ label: 'fast' })
  })
})

async function* rowsOf(...rows: string[]): AsyncGenerator<string> {
  yield* rows
}

describe('readers', () => {
  test('who have a version open read it to its end, however often it is replaced', async () => {
    const dir = await feedFolder()
    await write(dir, orders(3000, 'old'))
    const { meta, handle, stored } = await openFile(dir)
    const bytes = Buffer.alloc(stored.bytes)
    await handle.read(bytes, 0, 1000, 0)
    for (const label of ['b', 'c', 'd']) await write(dir, orders(4000, label))
    expect(await versions(dir)).not.toContain(meta.id)
    await handle.read(bytes, 1000, bytes.length - 1000, 1000)
    await handle.close()
    expect(hashOf(bytes)).toBe(meta.sha256)
  })

  test('always find a whole version while it is replaced again and again', async () => {
    const dir = await feedFolder()
    await write(dir, orders(500))
    let writing = true
    const seen = new Set<string>()
    const reader = async () => {
      while (writing) seen.add(String((await readCurrent(dir)).data[0]?.label))
    }
    const readers = [reader(), reader(), reader()]
    for (const label of ['1', '2', '3', '4', '5', '6', '7', '8']) await write(dir, orders(500, label))
    writing = false
    await Promise.all(readers)
    expect(seen.size).toBeGreaterThan(2)
  })

  test('who keep a cache open see a swap at once, also one of another process', async () => {
    const dir = await feedFolder()
    const cache = new FeedCache(dir)
    expect(await cache.meta()).toBeUndefined()
    for (const label of ['a', 'b', 'c']) {
      const { id } = await write(dir, orders(1, label))
      expect((await cache.meta())?.id).toBe(id)
      expect(await cache.meta()).toBe(await cache.meta())
    }
  })

  test('are told that a version cannot be understood', async () => {
    const dir = await feedFolder()
    const { id } = await write(dir, orders(1))
    const { writeFile, rm } = await import('node:fs/promises')
    await writeFile(join(dir, 'versions', id, 'meta.json'), '{"id":')
    await expect(readMeta(dir)).rejects.toThrow()
    await rm(join(dir, 'versions', id), { recursive: true })
    await expect(readMeta(dir)).rejects.toThrow('ENOENT')
  })
})
