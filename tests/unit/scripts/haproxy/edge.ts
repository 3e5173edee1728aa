import { formatRoutes, parseRoutes, type Routes } from '../../../../scripts/haproxy/routes.ts'
import type { Edge } from '../../../../scripts/ports.ts'

/** HAProxy's map, by its admin socket. */
export function edgeOf(routes: Routes): Edge & { routes(): Routes } {
  let running = formatRoutes(routes)
  return {
    routes: () => parseRoutes(running),
    async ask(line) {
      if (line.startsWith('prepare map')) return 'New version created: 1\n'
      if (line.startsWith('show map')) return running.replace(/^(?=.)/gm, '0x7f1 ')
      running = [...line.matchAll(/add map @1 \S+ (\S+) (\S+?)(?:;|$)/g)]
        .map(([, key, value]) => `${key} ${value}\n`)
        .join('')
      return '\n\n'
    },
  }
}
