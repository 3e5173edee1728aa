import { Router } from 'express'
import { lastEventId } from './cursor.ts'
import type { EventHub } from './hub.ts'
import { openStream } from './sse.ts'

/** GET /events: the order events as a stream. (The WebSocket is not a route: see upgrade.ts.) */
export function eventRoutes(hub: EventHub): Router {
  return Router().get('/events', async (request, response) => {
    const query = request.query.last_event_id
    const requested = lastEventId(request.get('last-event-id'), typeof query === 'string' ? query : undefined)
    const cursor = await hub.locate(requested)
    await hub.serve(openStream(response), cursor, requested !== undefined)
  })
}
