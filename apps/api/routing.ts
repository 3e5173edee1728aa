import { type Express, type Request, type RequestHandler, type Response, Router } from 'express'
import { HttpError } from './errors.ts'

/** A route of the built application; its path is the one of the client, in Express's syntax. */
export type Route = { path: string; methods: string[] }

type Listed = { path: string; methods?: string[]; router?: Listing }
// The router that Express 5.3 uses has this, but its types of before do not.
type Listing = { listRoutes(): Listed[] }

/** Every route of an application, in the order in which they are tried. HEAD is listed with GET. */
export function routesOf(app: Express): Route[] {
  return list(app.router as unknown as Listing, '')
}

function list(router: Listing, prefix: string): Route[] {
  return router.listRoutes().flatMap(({ path, methods = [], router }) => {
    const full = `${prefix}${path}`.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '')
    return router ? list(router, full) : [{ path: full, methods }]
  })
}

/** Answers 405 where there is a route, but none of the request's method. To be added after all routes. */
export function refuseOtherMethods(app: Express): RequestHandler {
  const allowed = new Map<string, Set<string>>()
  for (const { path, methods } of routesOf(app)) {
    // Two routers may call the same parameter by different names.
    const pattern = path.replace(/:\w+/g, ':parameter')
    allowed.set(pattern, new Set([...(allowed.get(pattern) ?? []), ...methods]))
  }
  const router = Router()
  for (const [pattern, methods] of allowed) {
    router.all(pattern, (request, response, next) => {
      onlyAllow([...methods], request, response)
      next()
    })
  }
  // Not the router itself: it is not one of the application's.
  return (request, response, next) => router(request, response, next)
}

/** Errors: 405 for any other method, with those that there are in `Allow`. */
export function onlyAllow(methods: string[], request: Request, response: Response): void {
  if (methods.includes(request.method) || methods.includes('*')) return
  response.setHeader('Allow', methods.join(', '))
  throw new HttpError(405, `there is no ${request.method} ${request.path}, but ${methods.join(', ')}`)
}
