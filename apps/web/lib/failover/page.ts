/** What these libraries want to know of the page they run in. */
export type Page = {
  readonly hidden: boolean
  /** Calls back when the page was hidden or shown, and when the browser is online again; returns the way out. */
  subscribe(changed: () => void): () => void
}

type Target = {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

/** The page of the browser; in Node, where there is none, it is always shown. */
export function browserPage(scope: object = globalThis): Page {
  const { document } = scope as { document?: Target & { hidden: boolean } }
  if (!document) return { hidden: false, subscribe: () => () => {} }
  const sources: [Target, string][] = [
    [document, 'visibilitychange'],
    [scope as Target, 'online'],
  ]
  return {
    get hidden() {
      return document.hidden
    },
    subscribe(changed) {
      for (const [target, type] of sources) target.addEventListener(type, changed)
      return () => {
        for (const [target, type] of sources) target.removeEventListener(type, changed)
      }
    },
  }
}
