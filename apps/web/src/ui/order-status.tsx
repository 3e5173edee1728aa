import type { OrderStatus } from '../api/types.ts'

const words: Record<OrderStatus, string> = {
  pending: 'Received',
  paid: 'Paid',
  completed: 'Completed',
  cancelled: 'Cancelled',
  refunded: 'Refunded',
}

export const statusText = (status: OrderStatus): string => words[status] ?? status

export function OrderStatusBadge({ status }: { status: OrderStatus }) {
  return <span className={`badge badge-${status}`}>{statusText(status)}</span>
}
