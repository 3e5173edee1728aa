import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotli, gzip } from './compress.ts'

/** Bytes of JavaScript, compressed with gzip, that a first visit may load. */
export const FIRST_LOAD_LIMIT = 200_000

/** The scripts that a page loads before anybody clicks: its script elements and what they import. */
export function scriptsOf(html: string): string[] {
  const scripts = html.matchAll(/<script\b[^>]*\bsrc="([^"]+)"/g)
  const preloads = html.matchAll(/<link\b[^>]*\brel="modulepreload"[^>]*\bhref="([^"]+)"/g)
  return [...scripts, ...preloads].flatMap((match) => match[1] ?? [])
}

type Size = { gzip: number; brotli: number }

/** Sizes in bytes of what DIRECTORY/index.html loads at once, each file and all together. */
export function checkFirstLoad(directory: string): Size & { files: (Size & { name: string })[] } {
  const files = scriptsOf(readFileSync(join(directory, 'index.html'), 'utf8')).map((name) => {
    const content = readFileSync(join(directory, name))
    return { name, gzip: gzip(content).length, brotli: brotli(content).length }
  })
  const sum = (which: keyof Size) => files.reduce((total, file) => total + file[which], 0)
  return { files, gzip: sum('gzip'), brotli: sum('brotli') }
}
