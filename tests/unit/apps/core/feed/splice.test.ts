import { buffer } from 'node:stream/consumers'
import { crc32, gunzipSync, inflateRawSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { combineCrc32 } from '../../../../../apps/core/feed/crc32.ts'
import { compressorFor, withoutHeader } from '../../../../../apps/core/feed/encode.ts'
import { spliceFor } from '../../../../../apps/core/feed/splice.ts'

const partOf = async (encoding: 'gzip' | 'zstd', text: string) => {
  const compressor = compressorFor(encoding)
  compressor.end(text)
  return await buffer(withoutHeader(encoding, compressor))
}

const factsOf = (text: string) => ({ bytes: Buffer.byteLength(text), crc32: crc32(text) })

const long = Array.from({ length: 20_000 }, (_, n) => `${n}: ${(n * 7919) % 1009} Größe`).join()

test.each([0, 1, 2, 255, 65_536, 1_000_003])('the CRC-32 of two parts, the second of %i bytes', (length) => {
  const [first, second] = [Buffer.from('{"_info":"…",'), Buffer.alloc(length, 'abcdefg')]
  const whole = crc32(Buffer.concat([first, second]))
  expect(combineCrc32(crc32(first), crc32(second), length)).toBe(whole)
})

describe('a body made of texts and compressed parts', () => {
  test('is one gzip member, whatever it is made of', async () => {
    const splice = spliceFor('gzip')
    const bytes = [splice.open(), splice.text('before '), splice.text(long)]
    for (const text of [long, 'other', long]) {
      bytes.push(await partOf('gzip', text))
      splice.passed(factsOf(text))
      bytes.push(splice.text(' between '))
    }
    const whole = Buffer.concat([...bytes, splice.close()])
    const text = `before ${long}${[long, 'other', long].map((part) => `${part} between `).join('')}`
    expect(gunzipSync(whole).toString()).toBe(text)
    // All but header and checksum are one stream of deflate: further members would be ignored here.
    expect(inflateRawSync(whole.subarray(10, -8)).toString()).toBe(text)
  })

  test('is a zstd frame', async () => {
    const splice = spliceFor('zstd')
    const text = `before ${long.repeat(2)}`
    const whole = [splice.open(), splice.text(text), await partOf('zstd', long)]
    splice.passed(factsOf(long))
    whole.push(splice.text(' after'), splice.close())
    expect(zstdDecompressSync(Buffer.concat(whole)).toString()).toBe(`${text}${long} after`)
    expect(() => splice.passed(factsOf(long))).toThrow('only one part')
  })

  test('can be read so far as it has arrived', async () => {
    const splice = spliceFor('gzip')
    const part = await partOf('gzip', long)
    const arrived = Buffer.concat([splice.open(), splice.text('first '), part])
    expect(inflateRawSync(arrived.subarray(10), { finishFlush: 2 }).toString()).toBe(`first ${long}`)
  })
})
