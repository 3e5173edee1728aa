import type { Request, RequestHandler, Response } from 'express'
import { pageHeaders } from '../headers.ts'
import { onlyAllow, type Route } from '../routing.ts'
import type { Surface } from '../surface.ts'
import { readWebFolder, type WebFile } from './folder.ts'

/**
 * The built web client: its files, and its index.html for every page that only it knows. What begins like one of the
 * API's routes or like a folder of files is never such a page.
 */
export function webClient(surface: Surface, routes: Route[]): RequestHandler {
  const { webDirectory } = surface
  const files = readWebFolder(webDirectory)
  const index = files.get('/')
  const headers = pageHeaders(surface)
  const taken = new Set([
    ...routes.map(({ path }) => firstName(path)),
    ...[...files.keys()].filter((path) => path.lastIndexOf('/') > 0).map(firstName),
  ])
  return async (request, response, next) => {
    if (surface.apiOrigins.length > 0 && request.path === '/config.json') {
      onlyAllow(['GET', 'HEAD'], request, response)
      return void response.set('Cache-Control', 'no-cache').json(settingsFor(request, surface))
    }
    const file = files.get(request.path) ?? (isPage(request, taken) ? index : undefined)
    if (!file) return next()
    onlyAllow(['GET', 'HEAD'], request, response)
    response.setHeaders(headers)
    await send(file, webDirectory, request, response)
  }
}

/**
 * What the client reads as /config.json (apps/web/src/api/config.ts) in place of the file, when there are other APIs
 * for it: so that it asks exactly those that the policy of its pages allows. The first is where the page came from,
 * which need not be the public address: an operator looks at a colour by its own port.
 */
function settingsFor(
  { headers, protocol }: Request,
  { appUrl, apiOrigins }: Surface,
): { backends: string[] } {
  const shop = new URL(appUrl)
  // The edge does not know of a proxy in front of it that speaks HTTPS; the public address tells.
  const own = headers.host === shop.host ? shop.origin : `${protocol}://${headers.host}`
  return { backends: [own, ...apiOrigins] }
}

const firstName = (path: string): string => path.split('/', 2)[1]?.toLowerCase() ?? ''

/** Browsers name text/html when they go to a page, and only then. */
function isPage({ method, path, headers }: Request, taken: ReadonlySet<string>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return headers.accept?.includes('text/html') === true && !taken.has(firstName(path))
}

async function send(file: WebFile, root: string, request: Request, response: Response): Promise<void> {
  const { path, encoded } = file
  const encoding = [...encoded.keys()].find((known) => request.acceptsEncodings(known))
  const hash = await file.hash()
  response.type(path.slice(path.lastIndexOf('/') + 1))
  response.setHeader('Vary', 'Accept-Encoding')
  response.setHeader('ETag', `"${encoding ? `${hash}-${encoding}` : hash}"`)
  // The names of assets change with their content; everything else has to be asked about after each switch.
  response.setHeader(
    'Cache-Control',
    path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  )
  if (encoding) response.setHeader('Content-Encoding', encoding)
  const sent = (encoding && encoded.get(encoding)) ?? path
  response.sendFile(sent, { root, cacheControl: false, lastModified: false, dotfiles: 'allow' })
}
