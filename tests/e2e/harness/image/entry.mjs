/**
 * Starts the shipped API with a route that takes long, `/slow?ms=700`, and with the defect that TEST_VARIANT
 * names. The delay lies in the answer: to the application it is a request whose handler takes that time, so its
 * own counting and draining apply.
 */
import http from 'node:http'

const variant = process.env.TEST_VARIANT

if (variant === 'crash') throw new Error('crash at start, on purpose')
if (variant === 'wrong-port') process.env.PORT = '3999'

const emit = http.Server.prototype.emit
http.Server.prototype.emit = function (event, ...args) {
  if (event === 'request') meddle(...args)
  return emit.call(this, event, ...args)
}

function meddle(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://test')
  if (pathname === '/slow') {
    request.url = '/health'
    delayEnd(response, Number(searchParams.get('ms')))
  }
  if (pathname === '/ready' && variant === 'never-ready') refuse(response)
}

/** Whatever the application writes goes out after the delay. */
function delayEnd(response, ms) {
  const end = response.end
  response.end = (...args) => {
    setTimeout(() => end.apply(response, args), ms)
    return response
  }
}

/** Turns the application's answer into a refusal. */
function refuse(response) {
  const end = response.end
  response.writeHead = () => response
  response.end = () => {
    response.statusCode = 503
    response.removeHeader('content-length')
    return end.call(response, JSON.stringify({ ready: false, reason: 'never ready, on purpose' }))
  }
}

await import('./server.ts')
