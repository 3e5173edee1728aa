import { z } from 'zod'
import { timestamp, uuid } from '../openapi/fields.ts'
import type { Operation } from '../openapi/operation.ts'

const stock = z.array(z.object({ product_id: z.int().positive(), stock: z.int().min(0) }))

const orderEvent = z
  .object({
    order_id: uuid,
    status: z.string(),
    at: timestamp,
    user_id: uuid.optional(),
    probe: z.literal(true).optional(),
    stock: stock.optional(),
  })
  .meta({
    id: 'OrderEvent',
    description: 'data of order.created, .paid, .completed, .cancelled, .refunded, .failed',
  })

const stockEvent = z
  .object({ stock, at: timestamp })
  .meta({ id: 'StockEvent', description: 'data of stock.changed' })

const cursor = z
  .string()
  .regex(/^\d{1,19}$/)
  .optional()
const query = z.object({
  last_event_id: cursor.meta({
    description: 'the event seen last; without it, it begins with what comes next',
  }),
})
const schema = z.union([orderEvent, stockEvent])
const audience =
  'Guests are told of stock, users of their own orders and of stock, administrators of everything. Ids increase; ' +
  'a client that comes back with the id it has seen last misses nothing. An id that comes without an event, from time to time, counts as seen. '

const common = { method: 'get', tag: 'events', access: 'anyone', query } as const

export const eventOperations: Operation[] = [
  {
    ...common,
    id: 'streamEvents',
    path: '/api/orders/events',
    summary: 'What happens, as server-sent events',
    description: `${audience}It ends with its access token, as at a deploy by a retry hint: then 401 asks for a new one.`,
    headers: z.object({ 'Last-Event-ID': cursor }),
    answers: { 200: { description: 'A stream that does not end.', type: 'text/event-stream', schema } },
  },
  {
    ...common,
    id: 'openEventSocket',
    path: '/api/orders/ws',
    summary: 'What happens, over a WebSocket',
    description:
      `${audience}Messages are {event, id, data}; the event cursor has no data. Offer the subprotocols ecomweb.events and, to sign in, ` +
      'bearer.<access token>; the server answers ecomweb.events. It closes with 1001 at a deploy, and with 4401 when ' +
      'the access token has expired.',
    answers: { 101: { description: 'The WebSocket is open.' } },
  },
]
