import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import helmet, { type HelmetOptions } from 'helmet'
import type { Surface } from './surface.ts'

const YEAR_S = 31_536_000

/**
 * What each answer begins with: headers for data, which no browser may run, frame or keep. Whoever answers something
 * that may be kept says so itself. Web pages have headers of their own: pageHeaders.
 */
export function answerHeaders({ appUrl }: Pick<Surface, 'appUrl'>): RequestHandler {
  const headers = new Map([
    ...headersOf({
      ...common(appUrl),
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      },
      referrerPolicy: { policy: 'no-referrer' },
    }),
    ['Cache-Control', 'private, no-store'],
    ['Vary', 'Origin, Authorization'],
  ])
  return (_request, response, next) => {
    response.setHeaders(headers)
    next()
  }
}

/** The headers of the web client's files: nothing inline, and only this host and the APIs it is allowed to ask. */
export function pageHeaders({
  appUrl,
  apiOrigins,
}: Pick<Surface, 'appUrl' | 'apiOrigins'>): Map<string, string> {
  const https = appUrl.startsWith('https:')
  const apis = apiOrigins.flatMap((origin) => [origin, socketOrigin(origin)])
  return headersOf({
    ...common(appUrl),
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        // 'self' means WebSockets too, but not in every browser that is still around.
        'connect-src': ["'self'", socketOrigin(appUrl), ...apis],
        'img-src': ["'self'", 'data:', 'blob:', ...apiOrigins],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        ...(https && { 'upgrade-insecure-requests': [] }),
      },
    },
    crossOriginOpenerPolicy: true,
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
  })
}

const common = (appUrl: string): HelmetOptions => ({
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: { policy: 'same-origin' },
  originAgentCluster: false,
  // Browsers that are told on plain HTTP ignore it; neighbours under the same domain are not this shop's to bind.
  strictTransportSecurity: appUrl.startsWith('https:') && { maxAge: YEAR_S, includeSubDomains: false },
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: { action: 'deny' },
  xPermittedCrossDomainPolicies: false,
  xPoweredBy: false,
  xXssProtection: false,
})

/** What helmet sets never changes from one answer to the next here, so it is asked once. */
function headersOf(options: HelmetOptions): Map<string, string> {
  const headers = new Map<string, string>()
  const response = { setHeader: (name: string, value: string) => headers.set(name, value) }
  helmet(options)({} as IncomingMessage, response as unknown as ServerResponse, (error) => {
    if (error) throw error
  })
  return headers
}

const socketOrigin = (address: string): string => new URL(address).origin.replace(/^http/, 'ws')
