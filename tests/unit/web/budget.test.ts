import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { checkFirstLoad, scriptsOf } from '../../../apps/web/bundle/budget.ts'
import { compressAll } from '../../../apps/web/bundle/compress.ts'

it('counts what the page loads at once: scripts and what they import, not styles', () => {
  const html = `<script src="/theme.js"></script><script type="module" crossorigin src="/assets/a.js"></script>
    <link rel="modulepreload" crossorigin href="/assets/b.js"><link rel="stylesheet" href="/assets/a.css">`
  expect(scriptsOf(html)).toEqual(['/theme.js', '/assets/a.js', '/assets/b.js'])
})

it('measures compressed files, and leaves copies beside what is worth it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'))
  try {
    mkdirSync(join(directory, 'assets'))
    const script = 'export const x = 1\n'.repeat(200)
    writeFileSync(join(directory, 'index.html'), '<script src="/assets/a.js"></script>')
    writeFileSync(join(directory, 'assets/a.js'), script)
    expect(checkFirstLoad(directory).gzip).toBeLessThan(script.length / 10)
    expect(compressAll(directory)).toBe(1)
    expect(brotliDecompressSync(readFileSync(join(directory, 'assets/a.js.br'))).toString()).toBe(script)
    expect(gunzipSync(readFileSync(join(directory, 'assets/a.js.gz'))).toString()).toBe(script)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
