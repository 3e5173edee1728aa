import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const compressible = new Set(['.html', '.js', '.css', '.svg', '.json', '.txt', '.xml', '.webmanifest'])

/** Below this a copy saves no packet. */
const SMALLEST_BYTES = 1_000

/** The best that brotli can do with a text: seconds here, microseconds less at every request. */
export function brotli(content: Buffer): Buffer {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  })
}

export const gzip = (content: Buffer): Buffer => gzipSync(content, { level: 9 })

/** Writes FILE.br and FILE.gz beside every compressible file below DIRECTORY; returns of how many. */
export function compressAll(directory: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => compressible.has(extname(path)) && statSync(path).size > SMALLEST_BYTES)
  for (const path of files) {
    const content = readFileSync(path)
    writeFileSync(`${path}.br`, brotli(content))
    writeFileSync(`${path}.gz`, gzip(content))
  }
  return files.length
}
