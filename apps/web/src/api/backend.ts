import { createFailover, type Failover } from '../../lib/failover/failover.ts'
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
  let failover: Failover | undefined
  const ready = readConfig(fetch).then(({ backends }) => {
    // One door, this one, needs nobody to look after it.
    if (backends.some((backend) => backend !== own)) failover = createFailover({ backends, fetch })
  })
  return {
    async fetch(path, init) {
      await ready
      if (failover) return failover.fetch(path, { credentials: 'include', ...init })
      return fetch(new URL(path, own), { credentials: 'same-origin', ...init })
    },
    ready,
    origin: () => failover?.current ?? own,
    async elsewhere() {
      await ready
      return failover !== undefined
    },
  }
}
