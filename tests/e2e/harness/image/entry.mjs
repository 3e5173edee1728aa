/**
 * Starts the shipped API with a route that takes long, `/slow?ms=700`, and with the defect that TEST_VARIANT
 * names; those that show only under traffic are in misbehave.mjs. The delay lies in the answer: to the application it is a request whose handler takes that time, so its
 * own counting and draining apply.
 */
import http from 'node:http'
import { misbehave } from './misbehave.mjs'

const variant = process.env.TEST_VARIANT

if (variant === 'crash') throw new Error('crash at start, on purpose')
if (variant === 'wrong-port') process.env.PORT = '3999'

const emit = http.Server.prototype.emit
http.Server.prototype.emit = function (event, ...args) {
  if (event === 'request' && answered(...args)) return true
  return emit.call(this, event, ...args)
}

/** Meddles with a request; true if it was answered here, so that the application never sees it. */
function answered(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://test')
  if (pathname === '/slow') {
    request.url = '/health'
    delayEnd(response, Number(searchParams.get('ms')))
  }
  if (pathname !== '/ready' || variant !== 'never-ready') return misbehave(variant, request, response)
  response.writeHead(503, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ ready: false, reason: 'never ready, on purpose' }))
  return true
}

/** Whatever the application writes goes out after the delay. */
function delayEnd(response, ms) {
  const end = response.end
  response.end = (...args) => {
    setTimeout(() => end.apply(response, args), ms)
    return response
  }
}

await import('./server.js')
