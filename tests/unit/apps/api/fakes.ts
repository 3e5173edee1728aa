import { isDeepStrictEqual } from 'node:util'
import type { AccessTokens, Principal } from '../../../../apps/api/auth/principal.ts'
import { HttpError } from '../../../../apps/api/errors.ts'
import type { EventSource } from '../../../../apps/api/events/feed.ts'
import type { Client } from '../../../../apps/api/events/hub.ts'
import type { ProductImports } from '../../../../apps/api/imports/service.ts'
import type { Cancelled, Canceller } from '../../../../apps/api/orders/cancel.ts'
import type { Order } from '../../../../apps/api/orders/order.ts'
import type { Placed } from '../../../../apps/api/orders/place.ts'
import type { Progress } from '../../../../apps/api/orders/progress.ts'
import type { Refunded, Refunder } from '../../../../apps/api/orders/refund.ts'
import type { OrderRepository } from '../../../../apps/api/orders/repository.ts'
import type { AdminPage, OrderRequest } from '../../../../apps/api/orders/request.ts'
import type { Surroundings } from '../../../../apps/api/orders/service.ts'
import type { Page } from '../../../../apps/api/pagination.ts'
import type { Answer } from '../../../../apps/api/products/answer.ts'
import type { AnswerCache } from '../../../../apps/api/products/cache.ts'
import type { CatalogueEditor } from '../../../../apps/api/products/editor.ts'
import type { ProductRepository } from '../../../../apps/api/products/repository.ts'
import type { OutboxEvent } from '../../../../apps/core/outbox.ts'

export const ORDER_ID = '00000000-0000-4000-8000-000000000001'

export function anOrder(id = ORDER_ID): Order {
  return {
    id,
    status: 'pending',
    email: 'a@example.com',
    total_cents: 100,
    created_at: '2026-01-01T00:00:00.000Z',
    paid_at: null,
    completed_at: null,
    cancelled_at: null,
    refunded_at: null,
    items: [{ product_id: 1, name: 'Canvas tote', quantity: 1, price_cents: 100 }],
  }
}

/** Nothing follows an order. */
export const noSurroundings: Surroundings = {
  placed: () => {},
  takenBack: () => {},
  progress: async () => undefined,
}

/** Orders in memory; product 7 is sold out, product 404 unknown and the key "taken-key" somebody else's. */
export class FakeOrders implements OrderRepository {
  placed = new Map<string, OrderRequest>()
  failure: Error | undefined
  cancelling: Cancelled = { outcome: 'cancelled', order: anOrder() }
  refunding: Refunded = { outcome: 'refunded', order: anOrder() }
  running: Progress = { open: true, steps: [{ name: 'reserve', state: 'done' }] }
  /** What it was asked for, in the order of the calls. */
  asked: unknown[] = []

  async place(request: OrderRequest): Promise<Placed> {
    if (this.failure) throw this.failure
    const before = this.placed.get(request.key)
    if (before)
      return { outcome: 'existing', order: anOrder(), sameRequest: isDeepStrictEqual(before, request) }
    if (request.key === 'taken-key') return { outcome: 'key of somebody else' }
    for (const { productId } of request.items) {
      if (productId === 404) return { outcome: 'unknown product', productId }
      if (productId === 7) return { outcome: 'out of stock', productId }
    }
    this.placed.set(request.key, request)
    return { outcome: 'created', order: anOrder() }
  }

  async find(id: string, principal: Principal | undefined): Promise<Order | null> {
    this.asked.push(principal)
    return id === ORDER_ID ? anOrder() : null
  }

  async list(userId: string, page: Page) {
    this.asked.push({ userId, ...page })
    return { orders: [anOrder()], total: 41 }
  }

  async listAll(page: AdminPage) {
    this.asked.push(page)
    return { orders: [{ ...anOrder(), user_id: null }], total: 1 }
  }

  async cancel(_id: string, by: Canceller): Promise<Cancelled> {
    this.asked.push(by)
    return this.cancelling
  }

  async refund(_id: string, by: Refunder): Promise<Refunded> {
    this.asked.push(by)
    return this.refunding
  }

  async progress(id: string): Promise<Progress | null> {
    return id === ORDER_ID ? this.running : null
  }
}

/** A shop that sells nothing, but for what a test gives it. */
export const emptyShop = (given: Partial<ProductRepository> = {}): ProductRepository => ({
  list: async () => ({ products: [], total: 0 }),
  categories: async () => [],
  find: async () => null,
  ...given,
})

const unexpected = async (): Promise<never> => {
  throw new Error('nobody should edit the catalogue here')
}

export const noEditor: CatalogueEditor = {
  create: unexpected,
  replace: unexpected,
  setImage: unexpected,
  archive: unexpected,
}

export const noImports: ProductImports = { accept: unexpected, list: unexpected, find: unexpected }

export function fakeCache(): AnswerCache & { emptied: number } {
  let entries = new Map<string, Answer>()
  return {
    emptied: 0,
    async look(key) {
      const current = entries
      return { answer: current.get(key), store: async (answer) => void current.set(key, answer) }
    },
    async empty() {
      this.emptied++
      entries = new Map()
    },
  }
}

/** Tokens whose text is the id of who they are for; those that are not among the given ones get 401. */
export const fakeTokens = (...principals: Principal[]): AccessTokens => ({
  async verify(token) {
    const principal = principals.find(({ id }) => id === token)
    if (!principal) throw new HttpError(401, 'the access token cannot be accepted')
    return principal
  },
})

/** An order's event; of a guest's order that moved no stock, unless said otherwise. */
export function anEvent(id: number, { userId = null, ...data }: EventDetails = {}): OutboxEvent {
  return {
    id: BigInt(id),
    event: 'order.created',
    userId,
    data: { order_id: ORDER_ID, status: 'pending', at: 'now', ...data },
  }
}

type EventDetails = { userId?: string | null } & Partial<OutboxEvent['data']>

/** An outbox in memory that counts how often it is read. */
export class FakeOutbox implements EventSource {
  events: OutboxEvent[] = []
  reads = 0
  lost = false

  add(...ids: number[]): void {
    this.events.push(...ids.map((id) => anEvent(id)))
  }

  async read(after: bigint, limit: number): Promise<OutboxEvent[]> {
    this.reads++
    if (this.lost) throw new Error('lost')
    return this.events.filter((event) => event.id > after).slice(0, limit)
  }

  async newest(): Promise<bigint> {
    if (this.lost) throw new Error('lost')
    return this.events.at(-1)?.id ?? 0n
  }
}

/** A client that remembers the ids it was sent. */
export class FakeClient implements Client {
  readonly kind: 'websocket' | 'stream'
  open = true
  seen: number[] = []
  /** The cursors that it was told as signs of life. */
  cursors: number[] = []
  expired = false

  constructor(kind: 'websocket' | 'stream' = 'stream') {
    this.kind = kind
  }

  greet(): void {}

  async send(events: OutboxEvent[]): Promise<void> {
    this.seen.push(...events.map((event) => Number(event.id)))
  }

  signOfLife(cursor: bigint): void {
    this.cursors.push(Number(cursor))
  }

  expire(): void {
    this.expired = true
    this.end()
  }

  end(): void {
    this.open = false
  }
}
