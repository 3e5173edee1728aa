import { queryOptions } from '@tanstack/react-query'
import { createReportsClient } from './reports-client.ts'
import { api } from './shop.ts'

export const reportsApi = createReportsClient(api)

/** UTC days, YYYY-MM-DD, both of them included. */
export type Range = { from: string; to: string }

type Sold = { orders: number; items: number; revenue_cents: number; refunded_cents: number }
export type SalesDay = { day: string } & Sold
export type SalesChannel = { channel: string | null; orders: number; revenue_cents: number }
export type SalesReport = Range & {
  totals: Sold & { average_cents: number | null }
  days: SalesDay[]
  channels: SalesChannel[]
}

/** What depends on a product's cost is null as long as nobody has told it. */
export type ProductFigures = {
  product_id: number
  name: string
  category: string | null
  quantity: number
  revenue_cents: number
  cost_cents: number | null
  margin_cents: number | null
  margin_percent: number | null
  stock: number
}
export type ProductsReport = { products: ProductFigures[] }

/** Those who bought for the first time in `month` (YYYY-MM), and how many of them did in each month after. */
export type Cohort = {
  month: string
  customers: number
  months: { offset: number; customers: number; orders: number; revenue_cents: number }[]
}
export type CustomersReport = {
  totals: {
    customers: number
    new_customers: number
    returning_customers: number
    repeat_percent: number | null
  }
  cohorts: Cohort[]
}

export type MarginDay = {
  day: string
  revenue_cents: number
  cost_cents: number
  spend_cents: number
  margin_cents: number
}
export type MarginReport = {
  totals: Omit<MarginDay, 'day'> & { margin_percent: number | null; revenue_without_cost_cents: number }
  days: MarginDay[]
}

type Campaigns = {
  spend_cents: number
  clicks: number
  impressions: number
  orders: number
  revenue_cents: number
  return_on_spend: number | null
}
export type AdvertisingChannel = Campaigns & { channel: string; cost_per_order_cents: number | null }
export type AdvertisingDay = { day: string; spend_cents: number; revenue_cents: number }
export type AdvertisingReport = {
  totals: Campaigns
  channels: AdvertisingChannel[]
  days: AdvertisingDay[]
}

export type Reports = {
  sales: SalesReport
  products: ProductsReport
  customers: CustomersReport
  margin: MarginReport
  advertising: AdvertisingReport
}
export type ReportName = keyof Reports

export const reportQuery = <Name extends ReportName>(name: Name, { from, to }: Range) =>
  queryOptions({
    queryKey: ['reports', name, from, to],
    queryFn: ({ signal }) => reportsApi<Reports[Name]>(`/reports/${name}`, { query: { from, to }, signal }),
    staleTime: 60_000,
  })

export const reportFile = (name: ReportName, { from, to }: Range): Promise<Blob> =>
  reportsApi(`/reports/${name}`, { query: { from, to, format: 'csv' }, accept: 'text/csv' })
