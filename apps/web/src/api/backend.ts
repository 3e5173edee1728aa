import { readConfig } from './config.ts'

/** The one way to the API. All other files name paths only. */
export type Backend = {
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Settles when the configuration has been read, from which on `origin` is right. */
  ready: Promise<void>
  /** The origin that answers at the moment, for addresses that `fetch` does not open: images and WebSockets. */
  origin(): string
  /** Whether the API lives on another origin than the page, so that its cookies may not reach it. */
  elsewhere(): Promise<boolean>
}

/** Reads the configuration at once, and lets every request wait for it. */
export function createBackend(fetch: typeof globalThis.fetch, own: string): Backend {
  let first = own
  const ready = readConfig(fetch).then(({ backends }) => {
    first = backends[0] ?? own
    return backends
  })
  return {
    async fetch(path, init) {
      await ready
      return fetch(new URL(path, first), { credentials: first === own ? 'same-origin' : 'include', ...init })
    },
    ready: ready.then(() => undefined),
    origin: () => first,
    async elsewhere() {
      return (await ready).some((backend) => backend !== own)
    },
  }
}
