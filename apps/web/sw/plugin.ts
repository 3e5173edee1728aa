import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { build, type Plugin } from 'vite'
import type { Release } from './types.ts'

/**
 * Not part of the page: the worker itself, source maps, compressed copies, the documentation of the API. Nor are the
 * charts, which only administrators see and which would double what every visitor's browser keeps.
 */
const LEFT_OUT = /^\/(sw\.js|docs\/.*|assets\/charts-[^/]*\.js|.*\.(map|br|gz))$/

/** The release that lies in a folder. Its version follows from its content, and from `salt`. */
export function releaseIn(folder: string, salt = ''): Release {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(resolve(folder).length).replaceAll(sep, '/'))
    .filter((path) => !LEFT_OUT.test(path))
    .sort()
  const hash = createHash('sha256').update(salt)
  for (const path of files) hash.update(`${path}\0`).update(readFileSync(join(folder, path)))
  return { version: hash.digest('hex').slice(0, 16), files }
}

/**
 * Vite plugin: when the page is built, builds the service worker beside it as `sw.js`, without a hash, with the list
 * of the page's files and the version inside. `version` is that of the release if it should differ from build to build
 * although nothing on the page did.
 */
export function serviceWorker({ version = '' }: { version?: string } = {}): Plugin {
  let outDir = ''
  return {
    name: 'ecomweb-service-worker',
    apply: 'build',
    // After whatever else still writes files.
    enforce: 'post',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir)
    },
    async closeBundle(error?: Error) {
      if (error) return
      await build({
        configFile: false,
        root: import.meta.dirname,
        logLevel: 'warn',
        define: { ECOMWEB_RELEASE: JSON.stringify(releaseIn(outDir, version)) },
        build: {
          outDir,
          emptyOutDir: false,
          copyPublicDir: false,
          rolldownOptions: {
            input: join(import.meta.dirname, 'sw.ts'),
            output: { format: 'iife', entryFileNames: 'sw.js' },
          },
        },
      })
    },
  }
}
