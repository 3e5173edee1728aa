import type { WebSocket } from 'ws'
import type { OutboxEvent } from '../../core/outbox.ts'
import { flushOrGiveUp } from './flush.ts'
import type { Client } from './hub.ts'

const GOING_AWAY = 1001

/** One event as a message. */
export function message({ id, event, data }: OutboxEvent): string {
  return `{"id":${id},"event":${JSON.stringify(event)},"data":${JSON.stringify(data)}}`
}

/** Turns an accepted WebSocket into a client; what the other side says is ignored. */
export function openSocket(socket: WebSocket): Client {
  let ended = false
  let answered = true
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
    signOfLife() {
      if (!answered) return socket.terminate()
      answered = false
      socket.ping()
    },
    end() {
      if (ended) return
      ended = true
      socket.close(GOING_AWAY, 'please reconnect')
      // Who does not answer the farewell is cut off.
      setTimeout(() => socket.terminate(), 3000).unref()
    },
  }
}
