import type { ServerResponse } from 'node:http'
import type { OutboxEvent } from '../../core/outbox.ts'
import { flushOrGiveUp } from './flush.ts'
import type { Client } from './hub.ts'
import { oncePer } from './once-per.ts'

/** One event in the wire format of server-sent events. */
export const frame = oncePer(
  ({ id, event, data }: OutboxEvent) => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
)

export const streamHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
}

/**
 * Turns a response into an event stream. Its end is always announced by a retry hint. A client whose token has expired
 * gets 401 when it comes back with that one: it should get a new one first.
 */
export function openStream(response: ServerResponse): Client {
  let ended = false
  let taken = () => {}
  const end = (last = '') => {
    if (ended) return
    ended = true
    // Everyone comes back at a moment of their own.
    response.end(`${last}retry: ${100 + Math.floor(Math.random() * 1400)}\n\n`)
  }
  response.on('drain', () => taken())
  response.on('close', () => taken())
  response.on('error', () => response.destroy())
  response.writeHead(200, streamHeaders)
  return {
    kind: 'stream',
    get open() {
      return !ended && !response.destroyed
    },
    greet(cursor, replaying) {
      response.write(replaying ? `: after ${cursor}\n\n` : `id: ${cursor}\nevent: hello\ndata: {}\n\n`)
    },
    async send(events) {
      const flushed = response.write(events.map(frame).join(''))
      if (flushed || response.destroyed) return
      await flushOrGiveUp(
        (done) => {
          taken = done
        },
        () => response.destroy(),
      )
    },
    signOfLife(cursor) {
      // An id without data moves the cursor of an EventSource and dispatches nothing.
      response.write(`id: ${cursor}\n\n`)
    },
    end: () => end(),
    expire: () => end(': the access token has expired\n'),
  }
}
