import { describe, expect, it } from 'vitest'
import { install, installed, installedPage, removeOthers } from '../../../../apps/web/sw/shell.ts'
import type { Release } from '../../../../apps/web/sw/types.ts'
import { FakeCaches, serving } from './fake-caches.ts'

const filesOf = (version: string): Record<string, string> => ({
  '/index.html': `<script src="/assets/main-${version}.js"></script><link href="/assets/main-${version}.css">`,
  [`/assets/main-${version}.js`]: `// ${version}`,
  [`/assets/main-${version}.css`]: `/* ${version} */`,
  '/favicon.svg': '<svg/>',
})
const releaseOf = (version: string): Release => ({ version, files: Object.keys(filesOf(version)) })
const [one, two] = [releaseOf('1'), releaseOf('2')]

async function withFirst() {
  const caches = new FakeCaches()
  await install(one, caches, serving(filesOf('1')).fetch)
  return caches
}

const page = async (release: Release, caches: FakeCaches) => (await installedPage(release, caches))?.text()

describe('installing a release', () => {
  it('keeps every file of it', async () => {
    const caches = await withFirst()
    expect(await page(one, caches)).toContain('/assets/main-1.js')
    expect(await (await installed(one, caches, '/assets/main-1.js'))?.text()).toBe('// 1')
    expect(await installed(one, caches, '/assets/other.js')).toBeUndefined()
  })

  it('leaves the one before alone until it takes over', async () => {
    const caches = await withFirst()
    await install(two, caches, serving(filesOf('2')).fetch)
    expect(await page(one, caches)).toContain('main-1.js')
    await caches.open('another-library')
    await removeOthers(two, caches)
    expect(await caches.keys()).toEqual(['ecomweb-shell-2', 'another-library'])
  })

  it.each([
    ['a file is missing', { ...filesOf('2'), '/assets/main-2.css': undefined }],
    ['the server still has the release before', filesOf('1')],
    [
      'page and files are of different releases',
      { ...filesOf('2'), '/index.html': filesOf('1')['/index.html'] },
    ],
  ])('fails as a whole when %s', async (_, files) => {
    const caches = await withFirst()
    await expect(install(two, caches, serving(files as Record<string, string>).fetch)).rejects.toThrow()
    expect(await caches.keys()).toEqual(['ecomweb-shell-1'])
  })

  it('fails as a whole without a network, on an error, and when there is no room', async () => {
    const caches = await withFirst()
    const away = () => Promise.reject(new TypeError('no network'))
    await expect(install(two, caches, away)).rejects.toThrow('no network')
    await expect(install(two, caches, async () => new Response('', { status: 503 }))).rejects.toThrow('503')
    caches.full = true
    await expect(install(two, caches, serving(filesOf('2')).fetch)).rejects.toThrow('no room')
    expect(await caches.keys()).toEqual(['ecomweb-shell-1'])
    expect(await page(one, caches)).toContain('main-1.js')
  })

  it('again does no harm when it fails', async () => {
    const caches = await withFirst()
    caches.full = true
    await expect(install(one, caches, serving(filesOf('1')).fetch)).rejects.toThrow('no room')
    expect(await page(one, caches)).toContain('main-1.js')
  })
})
