import { connectEvents, type EventsOptions, type ShopEvent } from '../../../../apps/web/lib/events/connect.ts'
import { fakePage } from '../failover/network.ts'
import { FakeClock, settled } from '../fake-clock.ts'
import { fakeSockets } from './fake-socket.ts'

/** A client of events in a world of fakes, its first WebSocket made and not yet accepted. */
export async function connected(options: Partial<EventsOptions> = {}) {
  const clock = new FakeClock()
  const sockets = fakeSockets()
  const page = fakePage()
  const received: ShopEvent[] = []
  const states: string[] = []
  const events = connectEvents({
    url: 'https://shop.example',
    onEvent: (event) => received.push(event),
    onState: (state) => states.push(state),
    WebSocket: sockets.WebSocket,
    fetch: async () => new Response('', { status: 503 }),
    clock,
    page,
    random: () => 0.999,
    ...options,
  })
  await settled()
  const ids = () => received.map(({ id }) => id)
  return { clock, sockets, page, received, states, events, ids }
}

export const created = (id: number | string) => ({ id, event: 'order.created', data: { order_id: 'x' } })
