import type { CacheLike, CachesLike } from '../../../../apps/web/sw/types.ts'

const ORIGIN = 'https://shop.example'

/** Caches in memory. A `full` one takes no more. */
export class FakeCaches implements CachesLike {
  readonly stored = new Map<string, Map<string, Response>>()
  full = false

  async open(name: string): Promise<CacheLike> {
    const entries = this.stored.get(name) ?? new Map<string, Response>()
    this.stored.set(name, entries)
    const key = (path: string) => new URL(path, ORIGIN).href
    return {
      match: async (path) => entries.get(key(path))?.clone(),
      put: async (path, response) => {
        if (this.full) throw new DOMException('no room', 'QuotaExceededError')
        entries.delete(key(path))
        entries.set(key(path), response)
      },
      keys: async () => [...entries.keys()].map((url) => ({ url })),
      delete: async (path) => entries.delete(key(path)),
    }
  }

  async has(name: string): Promise<boolean> {
    return this.stored.has(name)
  }

  async keys(): Promise<string[]> {
    return [...this.stored.keys()]
  }

  async delete(name: string): Promise<boolean> {
    return this.stored.delete(name)
  }
}

const TYPES: [RegExp, string][] = [
  [/\.js$/, 'text/javascript'],
  [/\.css$/, 'text/css'],
  [/\.json$/, 'application/json'],
  [/\.svg$/, 'image/svg+xml'],
]

/** A server of one release's files, with the page for whatever it does not know, as the shop's is. */
export function serving(files: Record<string, string>) {
  const asked: string[] = []
  const fetch = async (request: Request | string): Promise<Response> => {
    const { pathname } = new URL(typeof request === 'string' ? request : request.url, ORIGIN)
    asked.push(pathname)
    const found = files[pathname]
    const type = found === undefined ? undefined : TYPES.find(([name]) => name.test(pathname))?.[1]
    const headers = { 'Content-Type': type ?? 'text/html; charset=utf-8' }
    return new Response(type ? found : (files['/index.html'] ?? ''), { headers })
  }
  return { asked, fetch }
}
