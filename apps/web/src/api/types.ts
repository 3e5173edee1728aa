/** What the API sends and takes. Money is in cents, times are ISO 8601, ids of users and orders are UUIDs. */

export type Role = 'user' | 'admin'
export type User = { id: string; email: string; role: Role }
export type SignedIn = { token: string; expires_in: number; user: User; refresh_token?: string }

export type Pagination = { page: number; limit: number; total: number; pages: number }

export type Product = {
  id: number
  name: string
  description: string
  price_cents: number
  stock: number
  category: string | null
  image_url: string | null
}
export type ProductInput = Omit<Product, 'id' | 'image_url'>
export type ProductList = { products: Product[]; pagination: Pagination }
export type Category = { name: string; products: number }

export const orderStatuses = ['pending', 'paid', 'completed', 'cancelled', 'refunded'] as const
export type OrderStatus = (typeof orderStatuses)[number]
export type OrderItem = { product_id: number; name?: string; quantity: number; price_cents: number }
export type Order = {
  id: string
  status: OrderStatus
  email: string
  total_cents: number
  created_at: string
  paid_at: string | null
  completed_at: string | null
  cancelled_at: string | null
  refunded_at: string | null
  failure?: string | null
  user_id?: string | null
  items: OrderItem[]
}
export type OrderList = { orders: Order[]; pagination: Pagination }
/** `channel`: where the customer came from, such as a newsletter. */
export type OrderRequest = {
  email: string
  items: { product_id: number; quantity: number }[]
  channel?: string
}

export type StepName = 'reserve' | 'pay' | 'mail' | 'ship'
export type StepState = 'done' | 'running' | 'waiting' | 'undone' | 'failed'
export type Step = { name: StepName; state: StepState; at?: string | null }

export type Account = User & { created_at: string; disabled_at: string | null }
export type AccountList = { users: Account[]; pagination: Pagination }

export type AuditEntry = {
  id: string | number
  actor_id: string | null
  action: string
  target: string | null
  details: unknown
  request_id: string | null
  created_at: string
}
export type AuditList = { entries: AuditEntry[]; pagination: Pagination }
