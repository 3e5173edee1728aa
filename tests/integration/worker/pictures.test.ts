import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { UploadStore } from '../../../apps/api/uploads/store.ts'
import { sizedPicture } from '../../../apps/core/pictures.ts'
import { pictureActivities } from '../../../apps/worker/pictures/activities.ts'
import { missingPictures } from '../../../apps/worker/pictures/missing.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

let own: OwnDatabase
let folder: string
let store: UploadStore
let beats = 0

beforeAll(async () => {
  own = await ownDatabase()
})
afterAll(() => own?.drop())

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'))
  store = new UploadStore(folder)
  beats = 0
  return () => rm(folder, { recursive: true })
})

const convert = (id: string) => pictureActivities(folder, () => void beats++).convertPicture(id)

/** Stores a picture as an admin's upload is stored; answers its id. */
async function upload(bytes: Buffer) {
  const body = (async function* () {
    yield bytes
  })()
  return (await store.save('product-1', body)).id
}

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#c33' } })
const size = async (id: string, width: number) => {
  const path = await store.find(sizedPicture(id, width))
  return sharp(path ?? 'there is none').metadata()
}
const jpeg = (picture: Sharp) => picture.jpeg().toBuffer()

test('a picture gets its sizes as WebP, which the API serves, and never larger than it is', async () => {
  const id = await upload(await jpeg(plain(1000, 500)))
  expect(await convert(id)).toEqual([320, 640, 1280].map((width) => sizedPicture(id, width)))
  const sizes = await Promise.all([320, 640, 1280].map((width) => size(id, width)))
  expect(sizes.map(({ format, width, height }) => [format, width, height])).toEqual([
    ['webp', 320, 160],
    ['webp', 640, 320],
    ['webp', 1000, 500],
  ])
  expect(beats).toBeGreaterThanOrEqual(3)
})

test('what the camera wrote is gone, but the picture is turned as it says', async () => {
  const taken = plain(400, 200).withExif({
    IFD0: { Make: 'Camera', Artist: 'Anna' },
    IFD3: { GPSLatitude: '52/1 31/1 0/1' },
  })
  const id = await upload(await jpeg(taken.withMetadata({ orientation: 6 })))
  await convert(id)
  const { width, height, exif, orientation } = await size(id, 320)
  expect([width, height, exif, orientation]).toEqual([200, 400, undefined, undefined])
  const bytes = await readFile(join(folder, sizedPicture(id, 320)))
  expect(bytes.includes('Anna') || bytes.includes('EXIF')).toBe(false)
})

test('a second conversion changes nothing, and one makes only what is missing', async () => {
  const id = await upload(await plain(700, 700).png().toBuffer())
  const names = await convert(id)
  const hashes = async () =>
    Promise.all(
      names.map(async (name) =>
        createHash('sha256')
          .update(await readFile(join(folder, name)))
          .digest('hex'),
      ),
    )
  const before = await hashes()
  await writeFile(join(folder, names[0] ?? ''), 'as it is')
  await rm(join(folder, names[1] ?? ''))
  beats = 0
  await Promise.all([convert(id), convert(id)])
  expect((await hashes()).slice(1)).toEqual(before.slice(1))
  expect(await readFile(join(folder, names[0] ?? ''), 'utf8')).toBe('as it is')
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
})

test('a small file of very many pixels is refused before it takes memory', async () => {
  const bomb = await plain(7000, 7000).png({ compressionLevel: 9 }).toBuffer()
  expect(bomb.length).toBeLessThan(2_000_000)
  const id = await upload(bomb)
  await expect(convert(id)).rejects.toMatchObject({
    nonRetryable: true,
    type: 'PictureUnreadable',
    message: expect.stringMatching(
      /^the upload [0-9a-f]{16}-product-1\.png cannot be read as a picture: .*pixel limit/,
    ),
  })
}, 20_000)

test.each([
  ['that ends in the middle', async () => (await jpeg(plain(800, 800))).subarray(0, 900)],
  [
    'of which only the first bytes are one',
    async () => Buffer.from('89504e470d0a1a0a00000000deadbeef', 'hex'),
  ],
])('a picture %s fails for good, and leaves nothing behind', async (_, make) => {
  const id = await upload(await make())
  await expect(convert(id)).rejects.toMatchObject({ nonRetryable: true, type: 'PictureUnreadable' })
  expect(await readdir(folder)).toEqual([id])
})

test('an upload that is gone fails for good', async () => {
  await expect(convert('0123456789abcdef-mug.png')).rejects.toMatchObject({ type: 'PictureMissing' })
})

test('what products show and what lacks sizes is found, until it has them', async () => {
  const id = await upload(await plain(10, 10).png().toBuffer())
  await own.sql(`UPDATE products SET image_url = $1 WHERE id <= 2`, [`/api/uploads/${id}`])
  const find = missingPictures(own.open('service', 1), folder)
  expect(await find()).toEqual([id])
  await convert(id)
  expect(await find()).toEqual([])
  await own.sql(`UPDATE products SET image_url = '/api/uploads/' || $1 WHERE id = 3`, [sizedPicture(id, 320)])
  expect(await find()).toEqual([])
})
