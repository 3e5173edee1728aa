import type { Prisma } from '../../../prisma/generated/client.ts'
import type { Actor } from '../../core/database.ts'
import { asActor, type Database } from '../../core/database.ts'
import type { Principal } from '../auth/principal.ts'
import type { Page } from '../pagination.ts'
import { lookFor } from './access.ts'
import { type Cancelled, type Canceller, cancel } from './cancel.ts'
import { type Order, type OwnedOrder, toOrder, withItems } from './order.ts'
import { type Placed, place } from './place.ts'
import { findProgress, type Progress } from './progress.ts'
import { type Refunded, type Refunder, refund } from './refund.ts'
import type { AdminPage, OrderRequest } from './request.ts'

/** Orders in the database. Each call acts for whoever asks, so it finds what that one may see and nothing else. */
export type OrderRepository = {
  place(request: OrderRequest): Promise<Placed>
  find(id: string, principal: Principal | undefined): Promise<Order | null>
  /** A page of a user's own orders, newest first, and how many there are. */
  list(userId: string, page: Page): Promise<{ orders: Order[]; total: number }>
  /** A page of everybody's orders, newest first, and how many there are. */
  listAll(page: AdminPage): Promise<{ orders: OwnedOrder[]; total: number }>
  cancel(id: string, by: Canceller): Promise<Cancelled>
  refund(id: string, by: Refunder): Promise<Refunded>
  progress(id: string, principal: Principal | undefined): Promise<Progress | null>
}

export function orderRepository(database: Database): OrderRepository {
  return {
    place: (request) => place(database, request),
    find: (id, principal) =>
      lookFor(database, id, principal, async (transaction) => {
        const row = await transaction.order.findUnique({ where: { id }, include: withItems })
        return row && toOrder(row)
      }),
    async list(userId, page) {
      const { rows, total } = await readPage(database, `user:${userId}`, { userId }, page)
      return { orders: rows.map(toOrder), total }
    },
    async listAll({ status, ...page }) {
      const { rows, total } = await readPage(database, 'admin', status ? { status } : {}, page)
      return { orders: rows.map((row) => ({ ...toOrder(row), user_id: row.userId })), total }
    },
    cancel: (id, by) => cancel(database, id, by),
    refund: (id, by) => refund(database, id, by),
    progress: (id, principal) => findProgress(database, id, principal),
  }
}

const readPage = (database: Database, actor: Actor, where: Prisma.OrderWhereInput, { page, limit }: Page) =>
  asActor(database, actor, async (transaction) => ({
    rows: await transaction.order.findMany({
      where,
      include: withItems,
      // The id decides between orders of one moment, so that none is on two pages or on none.
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      skip: (page - 1) * limit,
      take: limit,
    }),
    total: await transaction.order.count({ where }),
  }))
