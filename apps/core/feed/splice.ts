import { crc32 } from 'node:zlib'
import { combineCrc32 } from './crc32.ts'

/** Best first. */
export const ENCODINGS = ['zstd', 'gzip', 'identity'] as const
export type FeedEncoding = (typeof ENCODINGS)[number]

/** Text that was compressed before: its length in bytes and its CRC-32, both of what it is uncompressed. */
export type Compressed = { bytes: number; crc32: number }

/**
 * One encoded body made of short texts and of parts that were compressed before, which are passed on as they are. Texts
 * become blocks that are not compressed, so that the whole is a single gzip member or zstd frame: curl and others end
 * at the first member, however many there are. It begins with `open`, and each part is readable once it has arrived.
 */
export type Splice = {
  open(): Buffer
  text(text: string): Buffer
  /** Takes note of a part that is sent between the calls around this one. */
  passed(part: Compressed): void
  close(): Buffer
}

/** Parts for `identity` are the text itself; for the others they come from compressorFor. */
export function spliceFor(encoding: FeedEncoding): Splice {
  return { identity, gzip, zstd }[encoding]()
}

const nothing = Buffer.alloc(0)

function identity(): Splice {
  return { open: () => nothing, text: (text) => Buffer.from(text), passed: () => {}, close: () => nothing }
}

/** RFC 1952: no time, no name, an unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
const MOST_STORED = 0xffff

function gzip(): Splice {
  let [checksum, size] = [0, 0]
  return {
    open: () => GZIP_HEADER,
    text(text) {
      const bytes = Buffer.from(text)
      checksum = crc32(bytes, checksum)
      size += bytes.length
      return inBlocks(bytes, MOST_STORED, ({ length }) => {
        // RFC 1951, 3.2.4. A block before this one has ended at a full byte.
        const head = Buffer.alloc(5)
        head.writeUInt16LE(length, 1)
        head.writeUInt16LE(length ^ 0xffff, 3)
        return head
      })
    },
    passed(part) {
      checksum = combineCrc32(checksum, part.crc32, part.bytes)
      size += part.bytes
    },
    close() {
      const tail = Buffer.alloc(10)
      tail[0] = 3 // the last block, which is empty
      tail.writeUInt32LE(checksum, 2)
      tail.writeUInt32LE(size % 2 ** 32, 6)
      return tail
    },
  }
}

/**
 * RFC 8878: neither size nor checksum, and a window of 4 MiB; browsers take 8 MiB at most. Only one part fits into a
 * frame, since the offsets that a decoder remembers from one would be wrong for the next.
 */
export const ZSTD_WINDOW_LOG = 22
export const ZSTD_HEADER = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (ZSTD_WINDOW_LOG - 10) << 3])
const MOST_RAW = 128 * 1024

function zstd(): Splice {
  let parts = 0
  return {
    open: () => ZSTD_HEADER,
    text: (text) =>
      inBlocks(Buffer.from(text), MOST_RAW, ({ length }) => {
        const head = Buffer.alloc(3)
        head.writeUIntLE(length << 3, 0, 3)
        return head
      }),
    passed() {
      if (++parts > 1) throw new RangeError('a zstd frame takes only one part')
    },
    close: () => Buffer.from([1, 0, 0]),
  }
}

function inBlocks(bytes: Buffer, most: number, headOf: (block: Buffer) => Buffer): Buffer {
  const blocks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += most) {
    const block = bytes.subarray(at, at + most)
    blocks.push(headOf(block), block)
  }
  return Buffer.concat(blocks)
}
