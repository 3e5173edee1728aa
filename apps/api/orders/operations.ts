import { z } from 'zod'
import { orderStatuses } from '../../core/order-status.ts'
import { cents, only, pagination, timestamp, uuid } from '../openapi/fields.ts'
import type { Operation } from '../openapi/operation.ts'
import { adminPageRequest, orderRequest, pageRequest } from './request.ts'

const order = z
  .object({
    id: uuid,
    status: z.enum(orderStatuses),
    email: z.email(),
    total_cents: cents,
    created_at: timestamp,
    paid_at: timestamp.nullable(),
    completed_at: timestamp.nullable(),
    cancelled_at: timestamp.nullable(),
    refunded_at: timestamp.nullable(),
    failure: z.string().optional().meta({ description: 'why the shop cancelled it' }),
    probe: z.literal(true).optional().meta({ description: 'only tests whether ordering works' }),
    items: z.array(
      z.object({
        product_id: z.int().positive(),
        name: z.string(),
        quantity: z.int().min(1),
        price_cents: cents,
      }),
    ),
  })
  .meta({ id: 'Order' })

const tag = 'orders'
const params = z.object({ id: uuid })
const answer = only('order', order)
const key = z.string().regex(/^[A-Za-z0-9._-]{8,128}$/)

const orderPage = z.object({ orders: z.array(order), pagination })
const steps = z.array(
  z.object({
    name: z.enum(['reserve', 'pay', 'mail', 'ship']),
    state: z.enum(['done', 'running', 'waiting', 'undone', 'failed']),
    at: timestamp.optional(),
  }),
)

export const orderOperations: Operation[] = [
  {
    id: 'placeOrder',
    method: 'post',
    path: '/api/orders',
    tag,
    access: 'anyone',
    summary: 'Place an order',
    description:
      'Once for each Idempotency-Key, however often it is sent. 404: no such product; 409: out of stock; ' +
      '422: the key belongs to another order, or the order comes to more than 2147483647 cents.',
    headers: z.object({ 'Idempotency-Key': key }),
    body: { schema: orderRequest },
    answers: {
      201: { description: 'It is placed.', schema: answer },
      200: { description: 'It was placed before, under the same key.', schema: answer },
    },
    problems: [404, 409, 422],
  },
  {
    id: 'getOrder',
    method: 'get',
    path: '/api/orders/:id',
    tag,
    access: 'anyone',
    summary: 'An order',
    description:
      "A guest's order is shown to whoever knows its id, a user's to that user and to administrators.",
    params,
    answers: { 200: { description: 'The order.', schema: answer } },
  },
  {
    id: 'cancelOrder',
    method: 'post',
    path: '/api/orders/:id/cancel',
    tag,
    access: 'anyone',
    summary: 'Take an order back',
    description:
      'Until it is completed (then 409). A guest shows the Idempotency-Key under which it was placed.',
    params,
    headers: z.object({ 'Idempotency-Key': key.optional() }),
    answers: { 200: { description: 'The order, cancelled.', schema: answer } },
    problems: [403, 409],
  },
  {
    id: 'listOrders',
    method: 'get',
    path: '/api/orders',
    tag,
    access: 'user',
    summary: "The user's own orders",
    query: pageRequest,
    answers: { 200: { description: 'The page, newest first.', schema: orderPage } },
  },
  {
    id: 'getOrderProgress',
    method: 'get',
    path: '/api/orders/:id/progress',
    tag,
    access: 'anyone',
    summary: 'How far an order is',
    params,
    answers: { 200: { description: 'Its steps, in order.', schema: only('steps', steps) } },
  },
  {
    id: 'refundOrder',
    method: 'post',
    path: '/api/orders/:id/refund',
    tag,
    access: 'admin',
    summary: 'Give the money of a completed order back',
    params,
    answers: { 200: { description: 'The order, refunded.', schema: answer } },
    problems: [409],
  },
  {
    id: 'listAllOrders',
    method: 'get',
    path: '/api/admin/orders',
    tag: 'administration',
    access: 'admin',
    summary: 'Orders of all customers',
    query: adminPageRequest,
    answers: {
      200: {
        description: 'The page, newest first.',
        schema: z.object({ orders: z.array(order.extend({ user_id: uuid.nullable() })), pagination }),
      },
    },
  },
]
