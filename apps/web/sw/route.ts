/** `page`: a navigation within the shop; `asset`: hashed, of this release; `file`: of this release, under a fixed name. */
export type Route = 'page' | 'asset' | 'file' | 'catalogue' | 'network'

export type Asked = Pick<Request, 'method' | 'url' | 'mode' | 'cache' | 'headers'>

const CATALOGUE = /^\/api\/products(\/(categories|\d+))?$/
const NOT_THE_SHOP = /^\/(api|reports-api|docs|health|ready|assets)(\/|$)/

/**
 * Who answers a request. What is not a plain GET, names a user or asks for a part goes to the network untouched, and
 * so does whatever nobody claims, such as the hashed files of another release.
 */
export function route(request: Asked, origin: string, files: ReadonlySet<string>): Route {
  const { pathname, origin: from } = new URL(request.url)
  const { headers } = request
  if (request.method !== 'GET' || headers.has('Authorization') || headers.has('Range')) return 'network'
  // The API may live on another host than the page.
  if (CATALOGUE.test(pathname)) return request.cache === 'no-store' ? 'network' : 'catalogue'
  if (from !== origin) return 'network'
  if (request.mode === 'navigate') return NOT_THE_SHOP.test(pathname) ? 'network' : 'page'
  if (!files.has(pathname)) return 'network'
  return pathname.startsWith('/assets/') ? 'asset' : 'file'
}
