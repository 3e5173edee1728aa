import { catalogue } from './catalogue.ts'
import { networkFirst } from './network-first.ts'
import { route } from './route.ts'
import { install, installed, installedPage, removeOthers } from './shell.ts'
import type { CachesLike, Fetch, Release } from './types.ts'

type Lasting = { waitUntil(work: Promise<unknown>): void }
type FetchEvent = Lasting & { request: Request; respondWith(response: Promise<Response>): void }
type Client = { postMessage(message: unknown): void }

/** The part of ServiceWorkerGlobalScope that is used: TypeScript's own does not go together with a page's. */
type Scope = {
  location: { origin: string }
  caches: CachesLike
  fetch: Fetch
  clients: { claim(): Promise<void>; matchAll(): Promise<Client[]> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void
  addEventListener(type: 'message', listener: (event: Lasting & { data: unknown }) => void): void
}

declare const self: Scope
/** Put in by the build. */
declare const ECOMWEB_RELEASE: Release

const CATALOGUE_CACHE = 'ecomweb-catalogue'
const release = ECOMWEB_RELEASE
const files = new Set(release.files)
const { caches, clients } = self
const { origin } = self.location
const ask: Fetch = (request, init) => self.fetch(request, init)

self.addEventListener('install', (event) => event.waitUntil(install(release, caches, ask)))

self.addEventListener('activate', (event) => event.waitUntil(activate()))

// A new release waits until the page says so: a page is never changed under the hands of whoever is typing.
self.addEventListener('message', (event) => {
  const { type } = (event.data ?? {}) as { type?: unknown }
  if (type === 'activate') event.waitUntil(self.skipWaiting())
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const way = route(request, origin, files)
  if (way !== 'network') event.respondWith(answer(way, event))
})

async function activate(): Promise<void> {
  await removeOthers(release, caches)
  await clients.claim()
  for (const client of await clients.matchAll()) {
    client.postMessage({ type: 'activated', version: release.version })
  }
}

async function answer(way: 'page' | 'asset' | 'file' | 'catalogue', event: FetchEvent): Promise<Response> {
  const { request } = event
  const { pathname, search } = new URL(request.url)
  const network = () => ask(request)
  const kept = () => installed(release, caches, pathname)
  switch (way) {
    case 'page':
      return networkFirst(network, () => installedPage(release, caches))
    case 'file':
      return networkFirst(network, kept)
    case 'asset':
      return (await kept()) ?? network()
    case 'catalogue': {
      const revalidate = request.cache === 'no-cache' || request.cache === 'reload'
      // By path alone: the same shop answers at every one of its addresses.
      return catalogue(`${pathname}${search}`, revalidate, {
        cache: await caches.open(CATALOGUE_CACHE),
        ask: network,
        now: Date.now(),
        waitUntil: (work) => event.waitUntil(work),
      })
    }
  }
}
