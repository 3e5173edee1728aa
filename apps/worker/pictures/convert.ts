import { randomUUID } from 'node:crypto'
import { access, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ApplicationFailure } from '@temporalio/common'
import { PICTURE_WIDTHS, sizedPicture } from '../../core/pictures.ts'

/** A few bytes can say that they are a picture of a thousand million pixels: decoding it would take all memory. */
const MOST_PIXELS = 40_000_000
/** WebP ends at 16383 pixels, and nobody looks at a picture that is four times as high as wide. */
const TALLEST = 4
const QUALITY = 80

/**
 * Makes the sizes of an upload that are not there yet, as WebP: turned the way the camera was held, never enlarged, and
 * without what the camera wrote into it. Each appears only when all of it is on disk. Fails for good, with words for the
 * shop, when the upload is no picture that can be read. `made` is called after each size.
 */
export async function convertPicture(directory: string, id: string, made: () => void): Promise<string[]> {
  const original = await readFile(join(directory, id)).catch((error) => {
    if (error.code !== 'ENOENT') throw error
    throw ApplicationFailure.nonRetryable(`there is no upload ${id}`, 'PictureMissing')
  })
  const names: string[] = []
  for (const width of PICTURE_WIDTHS) {
    const name = sizedPicture(id, width)
    names.push(name)
    if (await exists(join(directory, name))) continue
    await write(directory, name, await resize(original, width, id))
    made()
  }
  return names
}

/** Whether all sizes of an upload are there. */
export async function isConverted(directory: string, id: string): Promise<boolean> {
  const found = await Promise.all(
    PICTURE_WIDTHS.map((width) => exists(join(directory, sizedPicture(id, width)))),
  )
  return found.every(Boolean)
}

async function resize(original: Buffer, width: number, id: string): Promise<Buffer> {
  // Loaded by those workers that convert; one thread, and nothing kept, since memory is what is short.
  const { default: sharp } = await import('sharp')
  sharp.concurrency(1)
  sharp.cache(false)
  try {
    return await sharp(original, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
      .autoOrient()
      .resize({ width, height: width * TALLEST, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .toBuffer()
  } catch (error) {
    const message = `the upload ${id} cannot be read as a picture: ${(error as Error).message}`
    throw ApplicationFailure.nonRetryable(message, 'PictureUnreadable')
  }
}

async function write(directory: string, name: string, bytes: Buffer): Promise<void> {
  // Named like an upload that is not finished, so that what a killed worker leaves is tidied with those.
  const temporary = join(directory, `.unfinished-${randomUUID()}`)
  try {
    const file = await open(temporary, 'wx', 0o640)
    await file
      .writeFile(bytes)
      .then(() => file.sync())
      .finally(() => file.close())
    await rename(temporary, join(directory, name))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
