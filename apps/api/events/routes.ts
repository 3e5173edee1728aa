import { Router } from 'express'
import { principalOf } from '../auth/principal.ts'
import { lastEventId } from './cursor.ts'
import type { EventHub } from './hub.ts'
import { openStream, streamHeaders } from './sse.ts'
import { viewerOf } from './viewer.ts'

/** GET /events: the events that whoever asks may see, as a stream. (The WebSocket is not a route: see upgrade.ts.) */
export function eventRoutes(hub: EventHub): Router {
  return Router().get('/events', async (request, response) => {
    const query = request.query.last_event_id
    const requested = lastEventId(request.get('last-event-id'), typeof query === 'string' ? query : undefined)
    // Nothing would ever be written to it, so it would never end.
    if (request.method === 'HEAD') return void response.set(streamHeaders).end()
    const cursor = await hub.locate(requested)
    const principal = principalOf(request)
    await hub.serve(openStream(response), {
      viewer: viewerOf(principal),
      expiresAt: principal?.expiresAt,
      cursor,
      replaying: requested !== undefined,
    })
  })
}
