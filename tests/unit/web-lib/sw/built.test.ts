import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { releaseIn, serviceWorker } from '../../../../apps/web/sw/plugin.ts'
import { FakeCaches, serving } from './fake-caches.ts'

const ORIGIN = 'https://shop.example'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ecomweb-sw-'))
  for (const version of ['1', '2']) await buildPage(version)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** A small page, built by Vite with the plugin as the shop's is. */
async function buildPage(version: string): Promise<void> {
  const root = join(folder, 'source')
  mkdirSync(join(root, 'public'), { recursive: true })
  writeFileSync(join(root, 'index.html'), '<script type="module" src="/main.js"></script>')
  writeFileSync(
    join(root, 'main.js'),
    `import('./late.js'); import('./charts.js'); document.title = 'release ${version}'`,
  )
  writeFileSync(join(root, 'late.js'), 'export const late = 1')
  writeFileSync(join(root, 'charts.js'), 'export const charts = 1')
  writeFileSync(join(root, 'public/config.json'), '{}')
  const outDir = join(folder, version)
  const options = { outDir, emptyOutDir: true, sourcemap: true }
  await build({ root, configFile: false, logLevel: 'error', plugins: [serviceWorker()], build: options })
}

const filesOf = (version: string): Record<string, string> =>
  Object.fromEntries(
    releaseIn(join(folder, version)).files.map((path) => [
      path,
      readFileSync(join(folder, version, path), 'utf8'),
    ]),
  )

type Listener = (event: Record<string, unknown>) => void

/** Runs the built worker in a browser of fakes. */
function start(version: string, caches: FakeCaches, server: ReturnType<typeof serving>) {
  const listeners = new Map<string, Listener>()
  const told: unknown[] = []
  let activating = false
  const self = {
    location: { origin: ORIGIN },
    caches,
    fetch: (request: Request | string) => server.fetch(request),
    clients: {
      claim: async () => {},
      matchAll: async () => [{ postMessage: (message: unknown) => told.push(message) }],
    },
    skipWaiting: async () => {
      activating = true
    },
    addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
  }
  const code = readFileSync(join(folder, version, 'sw.js'), 'utf8')
  runInNewContext(code, { self, URL, Response, Headers, setTimeout, Date })
  const send = async (type: string, more: Record<string, unknown> = {}): Promise<unknown> => {
    const work: Promise<unknown>[] = []
    let answer: Promise<unknown> | undefined
    const respondWith = (response: Promise<unknown>) => {
      answer = response
    }
    listeners.get(type)?.({ ...more, respondWith, waitUntil: (more: Promise<unknown>) => work.push(more) })
    const response = await answer
    for (let next = work.pop(); next; next = work.pop()) await next
    return response
  }
  const open = async (path: string): Promise<string | undefined> => {
    const request = {
      url: `${ORIGIN}${path}`,
      method: 'GET',
      headers: new Headers(),
      mode: 'navigate',
      cache: 'default',
    }
    return ((await send('fetch', { request })) as Response | undefined)?.text()
  }
  return { send, open, told, activating: () => activating }
}

describe('the built service worker', () => {
  it('keeps what is loaded late, but not the charts, which most visitors never see', () => {
    const built = readdirSync(join(folder, '1/assets')).filter((name) => /^(late|charts)-.*\.js$/.test(name))
    expect(built).toHaveLength(2)
    const kept = Object.keys(filesOf('1')).filter((path) => /late|charts/.test(path))
    expect(kept).toEqual([expect.stringMatching(/^\/assets\/late-/)])
  })

  it('lies beside the page as one file without a hash and knows every file but maps and itself', () => {
    expect(readdirSync(join(folder, '1'))).toContain('sw.js')
    const code = readFileSync(join(folder, '1/sw.js'), 'utf8')
    expect(code).not.toMatch(/\bimport\b|ECOMWEB_RELEASE/)
    const { files, version } = releaseIn(join(folder, '1'))
    expect(files.map((path) => path.replace(/-[\w-]+\./, '.'))).toEqual([
      '/assets/index.js',
      '/assets/late.js',
      '/config.json',
      '/index.html',
    ])
    for (const path of files) expect(code).toContain(path)
    expect(code).toContain(version)
    expect(version).not.toBe(releaseIn(join(folder, '2')).version)
    expect(version).not.toBe(releaseIn(join(folder, '1'), 'a salt').version)
  })

  it('serves the shop offline, and a new release only once it is whole and was told to take over', async () => {
    const caches = new FakeCaches()
    const away = () => Promise.reject(new TypeError('away'))
    const network = serving(filesOf('1'))
    const one = start('1', caches, network)
    await one.send('install')
    await one.send('activate')
    network.fetch = away
    const first = await one.open('/products/3')
    expect(first).toBe(filesOf('1')['/index.html'])

    const unfinished = { ...filesOf('2') }
    const late = Object.keys(unfinished).find((path) => path.includes('late'))
    delete unfinished[late ?? '']
    const two = start('2', caches, serving(unfinished))
    await expect(two.send('install')).rejects.toThrow('late')
    expect(await caches.keys()).toHaveLength(1)

    const again = start('2', caches, serving(filesOf('2')))
    await again.send('install')
    expect(await one.open('/')).toBe(first)
    await again.send('message', { data: { type: 'something else' } })
    await again.send('message', { data: null })
    expect(again.activating()).toBe(false)
    await again.send('message', { data: { type: 'activate' } })
    expect(again.activating()).toBe(true)
    await again.send('activate')
    expect(again.told).toEqual([{ type: 'activated', version: releaseIn(join(folder, '2')).version }])
    expect(await caches.keys()).toHaveLength(1)
    expect(await again.open('/orders')).toBe(filesOf('2')['/index.html'])
  })
})
