import http from 'node:http'
import { describe, servedBy } from './http.ts'
import { SseParser } from './sse.ts'
import { type Connect, subscribers } from './subscribers.ts'
import type { Streams, Target } from './target.ts'
import type { Trail } from './trail.ts'

/** Dashboards that follow the events over server-sent events. */
export const eventStreams = (target: Target, size: Streams, trails: Trail[]): Promise<void> =>
  subscribers('event-stream', target, size, trails, follow(target.url))

/**
 * The server may end a stream only after a retry hint: without one a client cannot tell a deploy from a
 * crash. The parser is fed until then, so that an event sent just before the end counts.
 */
const follow =
  (url: URL): Connect =>
  (visit, { client, token, trail, attempt }) => {
    const headers: Record<string, string> = { ...client.headers, accept: 'text/event-stream' }
    if (token !== undefined) headers.authorization = `Bearer ${token}`
    if (trail.lastId !== undefined) headers['last-event-id'] = String(trail.lastId)
    const request = http.get(new URL('/api/orders/events', url), { agent: false, headers })
    const parser = new SseParser()
    const read = (text: string): void => {
      for (const { event, id } of parser.push(text)) {
        if (event === 'hello') trail.greeted(Number(id))
        else trail.saw(Number(id))
      }
      if (parser.cursor !== undefined) trail.moved(Number(parser.cursor))
    }
    request.on('error', (error) => visit.failed(describe(error, false)))
    request.on('response', (response) => {
      client.keep(response.headers)
      attempt.answered(servedBy(response))
      if (response.statusCode !== 200) return visit.failed(`status ${response.statusCode} instead of 200`)
      visit.connected()
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        try {
          read(text)
        } catch (error) {
          visit.failed((error as Error).message)
        }
      })
      response.on('error', (error) => visit.failed(describe(error, false)))
      response.on('end', () => {
        if (parser.retry === undefined) visit.failed('ended by the server without a retry hint')
        else visit.ended(parser.retry)
      })
    })
    return {
      leave: () => {
        request.destroy()
        visit.ended()
      },
    }
  }
