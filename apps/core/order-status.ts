/** The life of an order: pending -> paid -> completed; pending | paid -> cancelled; completed -> refunded. */
export const orderStatuses = ['pending', 'paid', 'completed', 'cancelled', 'refunded'] as const
export type OrderStatus = (typeof orderStatuses)[number]

/** Whether an order was taken back: whoever executes it stops, and its money goes back. */
export const isTakenBack = (status: string): boolean => status === 'cancelled' || status === 'refunded'
