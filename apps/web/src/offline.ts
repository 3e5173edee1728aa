/** What the service worker and the network have to say to people. */
export type Connection = { online: boolean; update: boolean }

type Listener = () => void
const listeners = new Set<Listener>()
let connection: Connection = { online: navigator.onLine, update: false }
let waiting: ServiceWorker | undefined

function change(part: Partial<Connection>): void {
  connection = { ...connection, ...part }
  for (const listener of listeners) listener()
}

export const readConnection = (): Connection => connection

export function watchConnection(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Follows the network and, in production, registers /sw.js, which lets people read offline. */
export function startOffline(): void {
  addEventListener('online', () => change({ online: true }))
  addEventListener('offline', () => change({ online: false }))
  // A part of the page that is loaded late is gone: a new release is live, and its page names other files.
  addEventListener('vite:preloadError', () => change({ update: true }))
  if (import.meta.env.PROD && 'serviceWorker' in navigator) addEventListener('load', () => void register())
}

async function register(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' })
    watch(registration)
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') registration.update().catch(() => undefined)
    })
  } catch {
    // Without it the shop works as before, only not offline.
  }
}

function watch(registration: ServiceWorkerRegistration): void {
  const offer = () => {
    // The first worker of a browser takes over by itself: nothing old is shown.
    if (!registration.waiting || !navigator.serviceWorker.controller) return
    waiting = registration.waiting
    change({ update: true })
  }
  offer()
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', offer)
  })
}

/** Changes to the new version: the waiting worker takes over, then the page loads from it. */
export function takeUpdate(): void {
  const reload = () => location.reload()
  if (waiting) {
    navigator.serviceWorker.addEventListener('controllerchange', reload, { once: true })
    waiting.postMessage({ type: 'activate' })
  } else reload()
}
