import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import type { FeedMeta } from './cache.ts'
import { compressorFor, withoutHeader } from './encode.ts'
import { type FeedEncoding, spliceFor } from './splice.ts'
import { withFile } from './synced.ts'

/** The files of a version. Whatever its size, no more of it is in memory than a few of these. */
const CHUNK_BYTES = 128 * 1024

/** Room for the body's beginning, which is written last since it has the number of rows: spaces fill it up. */
const HEAD_BYTES = 96
const TAIL = ']}'

export type RowProgress = { rows: number; bytes: number }
export type Checked = { bytes: number; sha256: string; restCrc32: number }

/** Writes data.json; `updatedAt` is when the last row had come. Errors: a row of more than one line. */
export async function writeJson(
  folder: string,
  rows: AsyncIterable<string>,
  parts: { signal: AbortSignal; now: () => Date; onProgress: (progress: RowProgress) => void },
): Promise<RowProgress & { updatedAt: Date }> {
  const { signal, now, onProgress } = parts
  return await withFile(join(folder, 'data.json'), 'wx', async (file) => {
    let count = 0
    let at = HEAD_BYTES
    for await (const { bytes, rows: more } of unlessAborted(signal, inChunks(rows))) {
      count += more
      at += await writeAll(file, bytes, at)
      onProgress({ rows: count, bytes: at })
    }
    at += await writeAll(file, Buffer.from(TAIL), at)
    const updatedAt = now()
    const head = `{"status":"success","count":${count},"updated_at":"${updatedAt.toISOString()}",`
    await writeAll(file, Buffer.from(`${head.padEnd(HEAD_BYTES - '"data":['.length)}"data":[`), 0)
    await file.sync()
    return { rows: count, bytes: at, updatedAt }
  })
}

/** Passes items on until the signal, also while it waits for one that never comes. */
async function* unlessAborted<T>(signal: AbortSignal, items: AsyncGenerator<T>): AsyncGenerator<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  aborted.catch(() => {})
  try {
    signal.throwIfAborted()
    for (;;) {
      const coming = items.next()
      // Not the item itself: `aborted` keeps what it was raced with, so all of them would stay in memory.
      const arrived = coming.then(
        () => {},
        () => {},
      )
      await Promise.race([arrived, aborted])
      const next = await coming
      if (next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', abort)
    // Not awaited: it ends only after the item that is awaited.
    items.return(undefined).catch(() => {})
  }
}

/** Python and others end a line there too. Outside of strings JSON has none of them. */
const OTHER_LINE_ENDS = /[\u0085\u2028\u2029]/g
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * The rows with commas between, in pieces of about a chunk. Each row becomes bytes at once: strings that are held for the
 * time of a chunk outlive the young generation, and the heap grows by 100 MB before they are collected. The bytes of a
 * piece are used again for the next one.
 */
async function* inChunks(rows: AsyncIterable<string>): AsyncGenerator<{ bytes: Buffer; rows: number }> {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let size = 0
  let count = 0
  let separator = ''
  for await (const row of rows) {
    // An event stream would break there.
    if (/[\r\n]/.test(row)) throw new Error('a row of the feed has more than one line')
    const text = separator + row.replace(OTHER_LINE_ENDS, escaped)
    separator = ','
    // A unit of UTF-16 is at most three bytes.
    const most = 3 * text.length
    if (size + most > chunk.length) {
      if (count > 0) yield { bytes: chunk.subarray(0, size), rows: count }
      size = 0
      count = 0
      if (most > chunk.length) chunk = Buffer.allocUnsafe(most)
    }
    size += chunk.write(text, size)
    count++
  }
  if (count > 0) yield { bytes: chunk.subarray(0, size), rows: count }
}

/** The checksums of data.json. */
export async function checkJson(folder: string, signal: AbortSignal): Promise<Checked> {
  const hash = createHash('sha256')
  let bytes = 0
  let restCrc32 = 0
  for await (const chunk of chunksOf(join(folder, 'data.json'), 0, signal)) {
    hash.update(chunk)
    restCrc32 = crc32(bytes === 0 ? chunk.subarray(1) : chunk, restCrc32)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex'), restCrc32 }
}

const NAMES = { gzip: 'data.json.gz', zstd: 'data.json.zst' }

/** Writes a compressed form of data.json: all but its first brace as one part, which other answers pass on. */
export async function compressJson(
  folder: string,
  encoding: Exclude<FeedEncoding, 'identity'>,
  checked: Promise<Checked>,
  signal: AbortSignal,
): Promise<FeedMeta['encodings'][FeedEncoding]> {
  const name = NAMES[encoding]
  return await withFile(join(folder, name), 'wx', async (file) => {
    const splice = spliceFor(encoding)
    const rest = await writeAll(file, Buffer.concat([splice.open(), splice.text('{')]), 0)
    let end = rest
    const compressor = compressorFor(encoding)
    const fed = feed(compressor, chunksOf(join(folder, 'data.json'), 1, signal))
    await pipeline(
      compressor,
      async (compressed: AsyncIterable<Buffer>) => {
        for await (const chunk of withoutHeader(encoding, compressed)) end += await writeAll(file, chunk, end)
      },
      { signal },
    )
    await fed
    const { bytes, restCrc32 } = await checked
    splice.passed({ bytes: bytes - 1, crc32: restCrc32 })
    const tail = await writeAll(file, splice.close(), end)
    await file.sync()
    return { file: name, bytes: end + tail, rest, end }
  })
}

/** The bytes of a file from `start` on; each chunk holds until the next one is asked for, since it is read into anew. */
async function* chunksOf(path: string, start: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  const file = await open(path, 'r')
  try {
    for (let at = start; ; ) {
      signal.throwIfAborted()
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
      at += bytesRead
    }
  } finally {
    await file.close()
  }
}

/** Gives chunks to a compressor, one at a time; what fails destroys it, which whoever reads from it is told. */
async function feed(compressor: Transform, chunks: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      await new Promise<void>((resolve, reject) => {
        compressor.write(chunk, (error) => (error ? reject(error) : resolve()))
      })
    }
    compressor.end()
  } catch (error) {
    compressor.destroy(error as Error)
  }
}

/** Writes all of a buffer, answers its length: a write to a disk that is nearly full may be a short one. */
async function writeAll(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  for (let done = 0; done < buffer.length; ) {
    const { bytesWritten } = await file.write(buffer, done, buffer.length - done, position + done)
    done += bytesWritten
  }
  return buffer.length
}
