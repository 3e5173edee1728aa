import type { WebSocket } from 'ws'
import type { OutboxEvent } from '../../core/outbox.ts'
import { flushOrGiveUp } from './flush.ts'
import type { Client } from './hub.ts'
import { oncePer } from './once-per.ts'

/** The server goes away or moves: come back, with back-off. */
const GOING_AWAY = 1001
/**
 * The access token has expired: come back with a new one. Of the codes that are free to use, and named after 401; 1008
 * (policy violation) is what others close with whatever they dislike, so it would not say what to do.
 */
const TOKEN_EXPIRED = 4401

/** One event as a message. */
export const message = oncePer(
  ({ id, event, data }: OutboxEvent) =>
    `{"id":${id},"event":${JSON.stringify(event)},"data":${JSON.stringify(data)}}`,
)

/** Turns an accepted WebSocket into a client; what the other side says is ignored. */
export function openSocket(socket: WebSocket): Client {
  let ended = false
  let answered = true
  const close = (code: number, reason: string) => {
    if (ended) return
    ended = true
    socket.close(code, reason)
    // Who does not answer the farewell is cut off.
    setTimeout(() => socket.terminate(), 3000).unref()
  }
  socket.on('error', () => socket.terminate())
  socket.on('pong', () => {
    answered = true
  })
  return {
    kind: 'websocket',
    get open() {
      return !ended && socket.readyState === socket.OPEN
    },
    greet(cursor) {
      socket.send(`{"event":"hello","id":${cursor}}`)
    },
    send(events) {
      const last = events.length - 1
      return flushOrGiveUp(
        (done) => {
          for (const [index, event] of events.entries()) {
            socket.send(message(event), index === last ? done : undefined)
          }
        },
        () => socket.terminate(),
      )
    },
    signOfLife(cursor) {
      if (!answered) return socket.terminate()
      answered = false
      // Browsers show their pages no pings, hence the message is also what tells them that the line is alive.
      socket.send(`{"event":"cursor","id":${cursor}}`)
      socket.ping()
    },
    end: () => close(GOING_AWAY, 'please reconnect'),
    expire: () => close(TOKEN_EXPIRED, 'the access token has expired'),
  }
}
