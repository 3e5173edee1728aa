import type { CachesLike, Fetch, Release } from './types.ts'

const PREFIX = 'ecomweb-shell-'
const INDEX = '/index.html'

const cacheName = (version: string): string => `${PREFIX}${version}`

/**
 * Fetches every file of a release into a cache of its own: all of them or none. Errors: a file is missing, or the
 * server answers with another release, as it does to some while two of them share the traffic; the browser then tries
 * again later and the release before goes on.
 */
export async function install(release: Release, caches: CachesLike, fetch: Fetch): Promise<void> {
  const responses = await Promise.all(release.files.map((path) => fetchFile(path, fetch)))
  const index = responses[release.files.indexOf(INDEX)]
  if (!index) throw new Error(`a release without ${INDEX}`)
  const foreign = assetsOf(await index.clone().text()).filter((path) => !release.files.includes(path))
  if (foreign.length > 0) throw new Error(`${INDEX} belongs to another release: it names ${foreign[0]}`)
  const name = cacheName(release.version)
  const known = await caches.has(name)
  try {
    const cache = await caches.open(name)
    await Promise.all(release.files.map((path, index) => cache.put(path, responses[index] as Response)))
  } catch (error) {
    // Half a release must not stay, unless it is the whole one that was there before.
    if (!known) await caches.delete(name)
    throw error
  }
}

/** Deletes the caches of every other release. */
export async function removeOthers(release: Release, caches: CachesLike): Promise<void> {
  const names = await caches.keys()
  const others = names.filter((name) => name.startsWith(PREFIX) && name !== cacheName(release.version))
  await Promise.all(others.map((name) => caches.delete(name)))
}

/** A file of the release as it was installed; every page is the same file. */
export async function installed(
  release: Release,
  caches: CachesLike,
  path: string,
): Promise<Response | undefined> {
  const cache = await caches.open(cacheName(release.version))
  return cache.match(path)
}

export const installedPage = (release: Release, caches: CachesLike): Promise<Response | undefined> =>
  installed(release, caches, INDEX)

/** The hashed files that a page names. */
const assetsOf = (html: string): string[] => html.match(/\/assets\/[\w./-]+/g) ?? []

async function fetchFile(path: string, fetch: Fetch): Promise<Response> {
  // A hashed name never changes its content; any other file is asked for anew.
  const init: RequestInit = path.startsWith('/assets/') ? {} : { cache: 'reload' }
  const response = await fetch(path === INDEX ? '/' : path, init)
  // Browsers refuse to open a page from an answer that was redirected.
  if (!response.ok || response.redirected) throw new Error(`${path}: ${response.status}`)
  const isPage = response.headers.get('Content-Type')?.startsWith('text/html') ?? false
  // A server that falls back to the page for whatever it does not know has no such file.
  if (isPage !== path.endsWith('.html')) throw new Error(`${path}: not what it should be`)
  return response
}
