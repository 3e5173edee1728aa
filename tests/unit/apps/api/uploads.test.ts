import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { imageType } from '../../../../apps/api/uploads/image-type.ts'
import { unlessSilent } from '../../../../apps/api/uploads/silence.ts'
import { MOST_BYTES, UploadStore } from '../../../../apps/api/uploads/store.ts'
import { type Running, readJson, startApp } from './app.fixture.ts'

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('the rest of the image')])

describe('the type of an image', () => {
  test.each([
    ['image/png', png],
    ['image/jpeg', Buffer.from('ffd8ffe000104a464946', 'hex')],
    ['image/webp', Buffer.from('RIFF\x10\x00\x00\x00WEBPVP8 ', 'latin1')],
  ])('%s is known by its first bytes', (mime, head) => {
    expect(imageType(head)?.mime).toBe(mime)
  })

  test.each([
    ['a page', Buffer.from('<!doctype html>')],
    ['a sound', Buffer.from('RIFF\x10\x00\x00\x00WAVEfmt ', 'latin1')],
    ['nothing', Buffer.alloc(0)],
  ])('%s is none', (_name, head) => {
    expect(imageType(head)).toBeUndefined()
  })
})

describe('uploads', () => {
  let folder: string
  let app: Running

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'uploads-'))
    app = await startApp({ uploads: new UploadStore(folder) })
  })
  afterEach(async () => {
    await app.close()
    await rm(folder, { recursive: true })
  })

  const put = async (name: string, body: Buffer, type = 'image/png') => {
    const response = await fetch(`${app.url}/api/uploads/${name}`, {
      method: 'PUT',
      headers: { 'content-type': type },
      body: new Uint8Array(body),
    })
    return { status: response.status, body: await readJson(response) }
  }

  test('an image comes back as it was sent, under the type that it really has', async () => {
    const { status, body } = await put('cat.jpeg', png)
    const sha256 = createHash('sha256').update(png).digest('hex')
    expect(status).toBe(201)
    const id = `${sha256.slice(0, 16)}-cat.png`
    expect(body).toEqual({ id, bytes: png.length, sha256, url: `/api/uploads/${id}` })
    const back = await fetch(`${app.url}${body.url}`)
    expect(back.headers.get('content-type')).toBe('image/png')
    expect(back.headers.get('x-content-type-options')).toBe('nosniff')
    expect(Buffer.from(await back.arrayBuffer())).toEqual(png)
  })

  test('sending it again changes nothing', async () => {
    const first = await put('cat.png', png)
    expect((await put('cat.png', png)).body).toEqual(first.body)
    expect(await readdir(folder)).toHaveLength(1)
  })

  test.each([
    ['what only says that it is an image', Buffer.from('<script>alert(1)</script>'), 'image/png', 415],
    ['a type that is not accepted', png, 'image/svg+xml', 415],
    ['nothing', Buffer.alloc(0), 'image/png', 415],
    ['too much', Buffer.concat([png, Buffer.alloc(MOST_BYTES)]), 'image/png', 413],
  ])('refuses %s and leaves nothing behind', async (_name, body, type, status) => {
    expect((await put('x', body, type)).status).toBe(status)
    expect(await readdir(folder)).toEqual([])
  })

  test.each(['.hidden', '..%2Fsecret', 'a%20b'])('refuses the name %s', async (name) => {
    expect((await put(name, png)).status).toBe(400)
  })

  test.each(['..%2f..%2fetc%2fpasswd', '.unfinished-1', '0123456789abcdef-none.png'])(
    'there is no upload %s',
    async (id) => {
      expect((await fetch(`${app.url}/api/uploads/${id}`)).status).toBe(404)
    },
  )

  test('an upload that breaks off leaves nothing behind', async () => {
    const broken = async function* () {
      yield png
      throw new Error('aborted')
    }
    await expect(new UploadStore(folder).save('cat', broken())).rejects.toThrow('aborted')
    expect(await readdir(folder)).toEqual([])
  })

  test('what a killed process left is removed after an hour, and nothing else', async () => {
    for (const name of ['.unfinished-old', '.unfinished-new', 'kept.png'])
      await writeFile(join(folder, name), '')
    const before = new Date(Date.now() - 2 * 3_600_000)
    for (const name of ['.unfinished-old', 'kept.png']) await utimes(join(folder, name), before, before)
    await new UploadStore(folder).tidy()
    expect((await readdir(folder)).sort()).toEqual(['.unfinished-new', 'kept.png'])
  })
})

test('an upload may be slow but not silent', async () => {
  vi.useFakeTimers()
  const body = (async function* () {
    for (const pause of [900, 900, 1100]) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      yield Buffer.from('x')
    }
  })()
  let pieces = 0
  const reading = (async () => {
    for await (const _ of unlessSilent(body, 1000)) pieces++
  })()
  const outcome = expect(reading).rejects.toMatchObject({ status: 408 })
  await vi.advanceTimersByTimeAsync(5000)
  await outcome
  expect(pieces).toBe(2)
  vi.useRealTimers()
})
