import type { Redis } from './redis.ts'

/** Tells what happens to a key, whoever changes it. */
export type KeyWatch = {
  /** Whether a change would be told: not while the connection is lost, nor by a Redis before 6. */
  readonly awake: boolean
  /** `listener` is called at each change, and when changes may have been missed. */
  onChange(listener: () => void): void
}

const CHANNEL = '__redis__:invalidate'

/**
 * Has Redis say when a key changes (its own client-side caching, in the mode that costs it no memory). `listener` has to be a connection of its own: openListener.
 */
export function watchKey(listener: Redis, key: string): KeyWatch {
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listen of listeners) listen()
  }
  const watch = { awake: false, onChange: (listen: () => void) => void listeners.add(listen) }
  listener.on('ready', async () => {
    try {
      const id = await listener.client('ID')
      await listener.client('TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', key)
      await listener.subscribe(CHANNEL)
      watch.awake = true
    } catch {
      // The next connection tries again; till then nobody relies on being told.
    }
  })
  listener.on('message', tell)
  listener.on('close', () => {
    watch.awake = false
    tell()
  })
  return watch
}
