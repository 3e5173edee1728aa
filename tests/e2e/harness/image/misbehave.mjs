/**
 * What a release may do wrong although every health check passes: TEST_VARIANT names one of the defects below. They
 * meet requests to the API, before the application does; /health, /ready and /api/health stay as they are.
 */
import { memoryLimitMb } from '../../volumes/backend-api/pm2.js'

const ORDER = /^\/api\/orders\/[0-9a-f-]{36}$/

let asked = 0

const defects = {
  // 3 %, and never the first requests, which are the smoke test's.
  'bad-errors': (request, response) => asked++ % 33 === 16 && fail(request, response),
  'bad-route': (request, response) =>
    request.method === 'GET' && ORDER.test(pathOf(request)) && fail(request, response),
  'bad-post': (request, response) =>
    request.method === 'POST' && Math.random() < 0.1 && fail(request, response),
  'bad-latency': slowDown,
  'bad-leak': leak,
}

/** Applies the defect to a request; true if that has answered it. */
export function misbehave(variant, request, response) {
  const path = pathOf(request)
  if (!path.startsWith('/api/') || path === '/api/health') return false
  return defects[variant]?.(request, response) || false
}

const pathOf = (request) => request.url.split('?', 1)[0]

/** As the application answers its own defects: once the request is read, with a line in the log. */
function fail(request, response) {
  request.resume()
  request.once('end', () => {
    console.error(`error: ${request.method} ${request.url} failed, on purpose`)
    response.writeHead(500, { 'content-type': 'application/json' })
    response.end('{"error":"internal error"}')
  })
  return true
}

const recent = []

/**
 * Doubles the latency: an answer waits as long as it took from the last byte of its request, at least the median of
 * the last 100 answers, and 1 ms more, for what an answer takes outside of this process. Streams are not slowed.
 */
function slowDown(request, response) {
  let since = performance.now()
  request.once('end', () => {
    since = performance.now()
  })
  const { end } = response
  response.end = (...args) => {
    const took = performance.now() - since
    recent.push(took)
    if (recent.length > 100) recent.shift()
    const median = recent.toSorted((a, b) => a - b)[recent.length >> 1]
    setTimeout(() => end.apply(response, args), Math.max(took, median) + 1)
    return response
  }
}

const limit = (memoryLimitMb() ?? 1024) * 1024 * 1024
const kept = []

/**
 * Keeps memory that is never given back, in parts of the container's limit. Two processes that share 200 requests a
 * second reach it about 25 s after their first requests, and about 35 s after them with next to no traffic.
 */
function leak() {
  if (kept.length === 0) setInterval(() => keep(limit / 80 / 4), 250).unref()
  keep(limit / 120 / 200)
}

/** Written to, since untouched memory counts for nothing. */
const keep = (bytes) => kept.push(Buffer.alloc(Math.ceil(bytes), 1))
