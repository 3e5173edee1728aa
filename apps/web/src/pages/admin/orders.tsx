import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { allOrdersQuery, refundOrder } from '../../api/admin.ts'
import { cancelOrder } from '../../api/orders.ts'
import { type Order, orderStatuses } from '../../api/types.ts'
import { dateTime } from '../../format/dates.ts'
import { money } from '../../format/money.ts'
import { orderNumber } from '../../format/order-number.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { OrderStatusBadge, statusText } from '../../ui/order-status.tsx'
import { PageHeading } from '../../ui/page.tsx'
import { pageOf } from '../../ui/page-numbers.ts'
import { SelectFilter } from './filter.tsx'
import { ListTable } from './table.tsx'

type Deed = { what: 'cancel' | 'refund'; order: Order }

const options: [string, string][] = [
  ['', 'All orders'],
  ...orderStatuses.map((status): [string, string] => [status, statusText(status)]),
]

/** What can be done with an order depends on how far it is. */
export function deedFor({ status }: Order): Deed['what'] | undefined {
  if (status === 'pending' || status === 'paid') return 'cancel'
  return status === 'completed' ? 'refund' : undefined
}

export function AdminOrdersPage() {
  const [params] = useSearchParams()
  const page = pageOf(params)
  const query = useQuery(allOrdersQuery(page, params.get('status') ?? ''))
  const [deed, setDeed] = useState<Deed>()
  return (
    <>
      <PageHeading key={page} title="Orders" />
      <div className="toolbar">
        <SelectFilter name="status" label="Status" options={options} />
      </div>
      <ListTable
        caption="Orders"
        columns={['Order', 'Time', 'E-mail', 'Total', 'Status', 'Actions']}
        query={query}
        rows={({ orders }) => orders}
      >
        {(order) => <OrderRow key={order.id} order={order} onDeed={(what) => setDeed({ what, order })} />}
      </ListTable>
      {deed ? <ConfirmDeed deed={deed} onClose={() => setDeed(undefined)} /> : null}
    </>
  )
}

function OrderRow({ order, onDeed }: { order: Order; onDeed: (what: Deed['what']) => void }) {
  const what = deedFor(order)
  return (
    <tr>
      <td data-label="Order">
        <Link to={`/orders/${order.id}`}>{orderNumber(order.id)}</Link>
      </td>
      <td data-label="Time">{dateTime(order.created_at)}</td>
      <td data-label="E-mail" className="break">
        {order.email}
        {order.user_id ? '' : ' (guest)'}
      </td>
      <td data-label="Total" className="number">
        {money(order.total_cents)}
      </td>
      <td data-label="Status">
        <OrderStatusBadge status={order.status} />
      </td>
      <td data-label="Actions">
        {what ? (
          <button type="button" className="link-button" onClick={() => onDeed(what)}>
            {what === 'cancel' ? 'Cancel' : 'Refund'}
            <span className="visually-hidden"> order {orderNumber(order.id)}</span>
          </button>
        ) : (
          '–'
        )}
      </td>
    </tr>
  )
}

function ConfirmDeed({ deed: { what, order }, onClose }: { deed: Deed; onClose: () => void }) {
  const queries = useQueryClient()
  const run = async () => {
    const changed = await (what === 'cancel' ? cancelOrder(order.id) : refundOrder(order.id))
    queries.setQueryData(['order', order.id], changed)
    await queries.invalidateQueries({ queryKey: ['admin', 'orders'] })
  }
  const title = what === 'cancel' ? 'Cancel' : 'Refund'
  return (
    <Confirm
      title={`${title} order ${orderNumber(order.id)}?`}
      action={`${title} the order`}
      run={run}
      onClose={onClose}
    >
      <p>
        {money(order.total_cents)} of {order.email}.{' '}
        {what === 'cancel' ? 'What was set aside goes back on the shelf.' : 'The whole amount is paid back.'}
      </p>
    </Confirm>
  )
}
