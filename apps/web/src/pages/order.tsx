import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation, useParams } from 'react-router'
import { cancelOrder, isSettled, orderQuery } from '../api/orders.ts'
import { ApiError } from '../api/problem.ts'
import { local } from '../api/shop.ts'
import type { Order } from '../api/types.ts'
import { useSession } from '../api/use-session.ts'
import { guestOrders } from '../checkout/guest-orders.ts'
import { dateTime } from '../format/dates.ts'
import { money } from '../format/money.ts'
import { orderNumber } from '../format/order-number.ts'
import { useLive } from '../live/provider.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { Empty, ErrorNotice } from '../ui/notice.tsx'
import { OrderStatusBadge } from '../ui/order-status.tsx'
import { PageHeading } from '../ui/page.tsx'
import { PageSkeleton } from '../ui/skeleton.tsx'
import { OrderProgress } from './order-progress.tsx'

/** Milliseconds between two questions: guests hear no order events, and events may fail to arrive. */
const POLL_AS_GUEST = 2_000
const POLL_BESIDE_EVENTS = 15_000

export function OrderPage() {
  const { id = '' } = useParams()
  const session = useSession()
  const live = useLive()
  const pause = session.phase === 'user' && live === 'open' ? POLL_BESIDE_EVENTS : POLL_AS_GUEST
  const { data, error, refetch } = useQuery({
    ...orderQuery(id),
    enabled: session.phase !== 'restoring',
    refetchInterval: ({ state }) => (isSettled(state.data) || (state.error && !state.data) ? false : pause),
  })
  if (data) return <OrderDetails order={data} pause={pause} />
  if (error instanceof ApiError && error.status === 404) return <UnknownOrder />
  return error ? <ErrorNotice error={error} retry={() => void refetch()} /> : <PageSkeleton />
}

function UnknownOrder() {
  return (
    <>
      <PageHeading title="Order not found" />
      <Empty title="Is it in an account?">
        <p>Orders of an account are shown to their owner only.</p>
        <Link className="button button-primary" to="/sign-in">
          Sign in
        </Link>
      </Empty>
    </>
  )
}

function OrderDetails({ order, pause }: { order: Order; pause: number }) {
  const number = orderNumber(order.id)
  const { state } = useLocation() as { state: { placed?: 'now' | 'earlier' } | null }
  return (
    <div className="narrow">
      <PageHeading
        title={state?.placed === 'now' ? 'Thank you!' : `Order ${number}`}
        lead={`${state?.placed === 'now' ? `This is order ${number}, placed` : 'Placed'} ${dateTime(order.created_at)} for ${order.email}.`}
      />
      {state?.placed === 'earlier' ? (
        <p className="notice" role="status">
          Your earlier attempt had reached us after all: this is that order. What you changed since is still
          in your cart.
        </p>
      ) : null}
      <section className="card stack" aria-labelledby="progress">
        <div className="section-heading">
          <h2 id="progress">How it goes</h2>
          <span role="status">
            <OrderStatusBadge status={order.status} />
          </span>
        </div>
        {order.failure ? <p className="field-error">{order.failure}</p> : null}
        <OrderProgress order={order} pause={pause} />
        <Cancel order={order} />
      </section>
      <section className="card" aria-labelledby="items">
        <h2 id="items">What you ordered</h2>
        <ul className="receipt">
          {order.items.map((item) => (
            <li key={item.product_id}>
              <span>
                {item.quantity} ×{' '}
                <Link to={`/products/${item.product_id}`}>{item.name ?? `Product ${item.product_id}`}</Link>
              </span>
              <span className="price">{money(item.price_cents * item.quantity)}</span>
            </li>
          ))}
        </ul>
        <p className="summary-total">
          <span>Total</span> <strong>{money(order.total_cents)}</strong>
        </p>
      </section>
      <p className="small">Keep the address of this page: it leads back to the order.</p>
    </div>
  )
}

/** Offered as long as the order can be taken back, to those who may. */
function Cancel({ order }: { order: Order }) {
  const queries = useQueryClient()
  const session = useSession()
  const [asking, setAsking] = useState(false)
  const key = guestOrders(local).find(({ id }) => id === order.id)?.key
  if (isSettled(order) || !(key || session.phase === 'user')) return null
  const run = async () => {
    queries.setQueryData(['order', order.id], await cancelOrder(order.id, key))
    await queries.invalidateQueries({ queryKey: ['progress', order.id] })
  }
  return (
    <div>
      <button type="button" className="button" onClick={() => setAsking(true)}>
        Cancel the order
      </button>
      {asking ? (
        <Confirm
          title="Cancel the order?"
          action="Cancel the order"
          run={run}
          onClose={() => setAsking(false)}
        >
          <p>Everything goes back on the shelf, and what you have paid comes back to you.</p>
        </Confirm>
      ) : null}
    </div>
  )
}
