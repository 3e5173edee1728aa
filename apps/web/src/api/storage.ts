/** What this application uses of localStorage and sessionStorage. */
export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Keeps things as long as the page lives. */
export function memoryStore(): Store {
  const items = new Map<string, string>()
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

/** A browser's store, or memory where the browser forbids or has filled it. */
export function safeStore(open: () => Store): Store {
  try {
    const store = open()
    store.setItem('ecomweb.probe', '1')
    store.removeItem('ecomweb.probe')
    return store
  } catch {
    return memoryStore()
  }
}

/** Reads JSON; anything that is missing or broken is undefined. */
export function readJson(store: Store, key: string): unknown {
  try {
    return JSON.parse(store.getItem(key) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}
