import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HttpError } from '../errors.ts'
import { type ImageType, imageType, SIGNATURE_BYTES } from './image-type.ts'

export const MOST_BYTES = 20 * 1024 * 1024

export type Stored = { id: string; bytes: number; sha256: string }

const UNFINISHED = '.unfinished-'
const ABANDONED_MS = 3_600_000

/** Images on disk. An id names content: the same image under the same name has the same id, however often it is sent. */
export class UploadStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * Writes an image as it comes in. It appears under its id only when all of it is safely on disk: a temporary file
   * is synced, renamed, and the folder synced too.
   */
  async save(name: string, body: AsyncIterable<Buffer>): Promise<Stored> {
    const temporary = join(this.#directory, `${UNFINISHED}${randomUUID()}`)
    const file = await open(temporary, 'wx', 0o640)
    try {
      const { type, bytes, sha256 } = await receive(body, file).finally(() => file.close())
      const id = `${sha256.slice(0, 16)}-${stem(name)}.${type.extension}`
      await rename(temporary, join(this.#directory, id))
      await this.#sync()
      return { id, bytes, sha256 }
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  /** Where a stored image lies; null if there is none. */
  async find(id: string): Promise<string | null> {
    if (!/^[0-9a-f]{16}-[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(id)) return null
    const path = join(this.#directory, id)
    return stat(path).then(
      (found) => (found.isFile() ? path : null),
      () => null,
    )
  }

  /** Removes what processes that died in the middle of an upload left behind. */
  async tidy(now: number = Date.now()): Promise<void> {
    const names = await readdir(this.#directory).catch(() => [])
    for (const name of names.filter((name) => name.startsWith(UNFINISHED))) {
      const path = join(this.#directory, name)
      const found = await stat(path).catch(() => null)
      if (found && now - found.mtimeMs > ABANDONED_MS) await rm(path, { force: true })
    }
  }

  async #sync(): Promise<void> {
    const folder = await open(this.#directory, 'r')
    await folder.sync().finally(() => folder.close())
  }
}

async function receive(
  body: AsyncIterable<Buffer>,
  file: FileHandle,
): Promise<{ type: ImageType } & Omit<Stored, 'id'>> {
  const hash = createHash('sha256')
  let head = Buffer.alloc(0)
  let type: ImageType | undefined
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw tooLarge()
    if (!type) {
      head = Buffer.concat([head, chunk.subarray(0, SIGNATURE_BYTES)])
      type = imageType(head)
      if (!type && head.length >= SIGNATURE_BYTES) throw notAnImage()
    }
    hash.update(chunk)
    await file.write(chunk)
  }
  if (!type) throw notAnImage()
  await file.sync()
  return { type, bytes, sha256: hash.digest('hex') }
}

export const tooLarge = () => new HttpError(413, `an image may have at most ${MOST_BYTES} bytes`)
export const notAnImage = () => new HttpError(415, 'only PNG, JPEG and WebP images are accepted')

/** The name without its extension: the type that was found in the content decides that. */
function stem(name: string): string {
  return name.replace(/\.[^.]*$/, '') || 'image'
}
