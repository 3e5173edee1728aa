import { statSync } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ENCODINGS, type FeedEncoding } from './splice.ts'

/**
 * The data feed on disk. A version is a folder that never changes: versions/<id>/{data.json,data.json.gz,data.json.zst,
 * meta.json}; `current` holds the id of the one that is served. See writer.ts for how it is replaced.
 */
const stored = z.object({
  file: z.string(),
  bytes: z.int(),
  /** Where the part behind the body's first brace begins, and where it ends: what is passed on in other answers. */
  rest: z.int(),
  end: z.int(),
})

const schema = z.object({
  id: z.string().regex(/^[\w-]+$/),
  count: z.int().min(0),
  /** Of data.json, which is one line: {"status":"success","count":…,"updated_at":"…","data":[{…},…]} */
  bytes: z.int(),
  sha256: z.string().length(64),
  /** Of data.json without its first brace. */
  rest_crc32: z.int(),
  updated_at: z.iso.datetime(),
  encodings: z.object(Object.fromEntries(ENCODINGS.map((name) => [name, stored])) as Shape),
})

type Shape = Record<FeedEncoding, typeof stored>
export type FeedMeta = z.infer<typeof schema>

/** One encoding of a version. It can be read to its end whatever is swapped meanwhile; whoever opens it closes it. */
export type OpenFile = { meta: FeedMeta; stored: z.infer<typeof stored>; handle: FileHandle }

export const currentPath = (dir: string): string => join(dir, 'current')
export const versionsPath = (dir: string): string => join(dir, 'versions')
export const versionPath = (dir: string, id: string): string => join(versionsPath(dir), id)

/** The id of the current version; undefined if there never was one. */
export async function currentId(dir: string): Promise<string | undefined> {
  const text = await readFile(currentPath(dir), 'utf8').catch(unlessAbsent)
  return text?.trim()
}

/** What the current version is; undefined if there never was one. Errors: it cannot be read or understood. */
export const readMeta = (dir: string): Promise<FeedMeta | undefined> => new FeedCache(dir).meta()

/** The cache as a reader sees it, who looks at the disk no more than needed. */
export class FeedCache {
  readonly #dir: string
  #known: { mark: string; meta: FeedMeta } | undefined

  constructor(dir: string) {
    this.#dir = dir
  }

  /**
   * Costs one stat while nothing changes, so whoever asks after a swap sees it. Undefined without a version. Errors: it
   * cannot be read or understood.
   */
  async meta(): Promise<FeedMeta | undefined> {
    return this.#whileSwapped(async () => {
      // At once: what the kernel has in memory takes it 2 us to say, and another thread 50 us more to pass on.
      const found = statSync(currentPath(this.#dir), { bigint: true, throwIfNoEntry: false })
      if (!found) return undefined
      // Each swap puts another file in the place of the last.
      const mark = `${found.ino} ${found.ctimeNs}`
      if (this.#known?.mark === mark) return this.#known.meta
      const id = await currentId(this.#dir)
      if (id === undefined) return undefined
      const meta = parseMeta(await readFile(join(versionPath(this.#dir, id), 'meta.json'), 'utf8'), id)
      this.#known = { mark, meta }
      return meta
    })
  }

  /** Opens an encoding of the current version; undefined without a version. Errors: as those of meta. */
  async open(encoding: FeedEncoding): Promise<OpenFile | undefined> {
    return this.#whileSwapped(async () => {
      const meta = await this.meta()
      if (!meta) return undefined
      const stored = meta.encodings[encoding]
      const handle = await open(join(versionPath(this.#dir, meta.id), stored.file), 'r')
      return { meta, stored, handle }
    })
  }

  /** A version may be removed between reading its id and opening it: then there is a newer one. */
  async #whileSwapped<T>(read: () => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await read()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempts === 5) throw error
        this.#known = undefined
      }
    }
  }
}

function parseMeta(text: string, id: string): FeedMeta {
  const meta = schema.parse(JSON.parse(text))
  if (meta.id !== id) throw new Error(`the version ${id} says that it is ${meta.id}`)
  return meta
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
