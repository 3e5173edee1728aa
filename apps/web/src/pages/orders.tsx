import { useQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { ordersQuery } from '../api/orders.ts'
import { local } from '../api/shop.ts'
import type { Order } from '../api/types.ts'
import { useSession } from '../api/use-session.ts'
import { guestOrders } from '../checkout/guest-orders.ts'
import { dateTime } from '../format/dates.ts'
import { money } from '../format/money.ts'
import { orderNumber } from '../format/order-number.ts'
import { useLive } from '../live/provider.tsx'
import { Empty, ErrorNotice } from '../ui/notice.tsx'
import { OrderStatusBadge } from '../ui/order-status.tsx'
import { PageHeading } from '../ui/page.tsx'
import { pageOf } from '../ui/page-numbers.ts'
import { PagesNav } from '../ui/pages-nav.tsx'
import { LinesSkeleton, PageSkeleton } from '../ui/skeleton.tsx'

export function OrdersPage() {
  const session = useSession()
  if (session.phase === 'restoring') return <PageSkeleton />
  return session.phase === 'user' ? <OwnOrders user={session.user.id} /> : <GuestOrders />
}

function OwnOrders({ user }: { user: string }) {
  const [search] = useSearchParams()
  const page = pageOf(search)
  const list = useQuery(ordersQuery(user, page))
  const live = useLive()
  return (
    <>
      <PageHeading key={page} title="Your orders">
        {live === 'open' ? <span className="live">Live</span> : null}
      </PageHeading>
      {list.isPending ? <LinesSkeleton label="Loading your orders" /> : null}
      {list.error ? <ErrorNotice error={list.error} retry={() => void list.refetch()} /> : null}
      {list.data && list.data.orders.length === 0 ? (
        <Empty title="You have not ordered yet">
          <Link className="button button-primary" to="/products">
            Browse the shop
          </Link>
        </Empty>
      ) : null}
      <ul className="lines">
        {list.data?.orders.map((order) => (
          <OrderLine key={order.id} order={order} />
        ))}
      </ul>
      {list.data ? <PagesNav {...list.data.pagination} /> : null}
    </>
  )
}

function OrderLine({ order }: { order: Order }) {
  const count = order.items.reduce((sum, { quantity }) => sum + quantity, 0)
  return (
    <li className="line order-line">
      <div className="line-text">
        <Link to={`/orders/${order.id}`}>Order {orderNumber(order.id)}</Link>
        <span className="small">
          {dateTime(order.created_at)} · {count === 1 ? '1 item' : `${count} items`}
        </span>
      </div>
      <OrderStatusBadge status={order.status} />
      <span className="price">{money(order.total_cents)}</span>
    </li>
  )
}

/** Guests find what they ordered in this browser; others need to sign in. */
function GuestOrders() {
  const orders = guestOrders(local)
  return (
    <>
      <PageHeading title="Your orders" />
      <div className="notice">
        <p>Sign in to see the orders of your account, and watch them move.</p>
        <div className="row">
          <Link className="button button-primary" to="/sign-in?next=/orders">
            Sign in
          </Link>
        </div>
      </div>
      {orders.length > 0 ? (
        <section className="section" aria-labelledby="as-guest">
          <h2 id="as-guest">Ordered as a guest in this browser</h2>
          <ul className="lines">
            {orders.map(({ id, placed }) => (
              <li key={id} className="line order-line">
                <div className="line-text">
                  <Link to={`/orders/${id}`}>Order {orderNumber(id)}</Link>
                  <span className="small">{dateTime(placed)}</span>
                </div>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  )
}
