import { type Generated, type Order, totalOf } from './generated.ts'

/**
 * What the reports should say, counted order by order from the list of a generated shop. It shares nothing with the
 * reports themselves.
 */
export type Range = { from: string; to: string }

const dayOf = (date: Date): string => date.toISOString().slice(0, 10)
const within = ({ from, to }: Range, day: string): boolean => from <= day && day <= to

export function daysIn({ from, to }: Range): string[] {
  const days: string[] = []
  const date = new Date(`${from}T12:00:00Z`)
  while (dayOf(date) <= to) {
    days.push(dayOf(date))
    date.setUTCDate(date.getUTCDate() + 1)
  }
  return days
}

type Sold = Order & { paidAt: Date; day: string }

const soldIn = (shop: Generated, range: Range): Sold[] =>
  shop.orders.flatMap((order) => {
    const { paidAt, probe } = order
    if (paidAt === null || probe || !within(range, dayOf(paidAt))) return []
    return [{ ...order, paidAt, day: dayOf(paidAt) }]
  })

const add = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0)
const pieces = (orders: Order[]): number => add(orders.flatMap(({ items }) => items.map((i) => i.quantity)))
const revenue = (orders: Order[]): number => add(orders.map(totalOf))

/** Rounds by way of decimal text, halves away from zero. */
function rounded(value: number, decimals: number): number {
  const text = Math.abs(value).toFixed(9)
  const step = 10 ** -decimals
  const down = Number(text.slice(0, text.indexOf('.') + 1 + decimals))
  const up = Number(text) - down >= step / 2 - 1e-9
  return Number(((value < 0 ? -1 : 1) * (down + (up ? step : 0))).toFixed(decimals)) + 0
}
const percent = (part: number, whole: number) => (whole === 0 ? null : rounded((part / whole) * 100, 1))

export function expectedSales(shop: Generated, range: Range) {
  const sold = soldIn(shop, range)
  const refunds = shop.orders.filter(
    ({ refundedAt, probe }) => refundedAt && !probe && within(range, dayOf(refundedAt)),
  )
  const days = daysIn(range).map((day) => {
    const orders = sold.filter((order) => order.day === day)
    return {
      day,
      orders: orders.length,
      items: pieces(orders),
      revenue_cents: revenue(orders),
      refunded_cents: revenue(refunds.filter(({ refundedAt }) => dayOf(refundedAt as Date) === day)),
    }
  })
  const channels = [...new Set(sold.map(({ channel }) => channel))].map((channel) => {
    const orders = sold.filter((order) => order.channel === channel)
    return { channel, orders: orders.length, revenue_cents: revenue(orders) }
  })
  const totals = {
    orders: sold.length,
    items: pieces(sold),
    revenue_cents: revenue(sold),
    refunded_cents: revenue(refunds),
    average_cents: sold.length === 0 ? null : rounded(revenue(sold) / sold.length, 0),
  }
  return { ...range, totals, days, channels: channels.toSorted((a, b) => b.revenue_cents - a.revenue_cents) }
}

/** What a piece cost on a day; undefined where nobody has said so. */
function costOf({ costs }: Generated, productId: number, day: string): number | undefined {
  const known = costs.filter((cost) => cost.productId === productId && cost.validFrom <= day)
  return known.toSorted((a, b) => (a.validFrom < b.validFrom ? 1 : -1))[0]?.costCents
}

/** Lines of orders, each with its day and cost. */
const linesIn = (shop: Generated, range: Range) =>
  soldIn(shop, range).flatMap(({ day, items }) =>
    items.map((item) => {
      const each = costOf(shop, item.productId, day)
      return { ...item, day, revenue: item.quantity * item.priceCents, cost: each && each * item.quantity }
    }),
  )

export function expectedProducts(shop: Generated, range: Range) {
  const lines = linesIn(shop, range)
  const products = shop.products.flatMap(({ id, name, category, stock }) => {
    const own = lines.filter(({ productId }) => productId === id)
    if (own.length === 0) return []
    const revenue_cents = add(own.map((line) => line.revenue))
    const known = own.every(({ cost }) => cost !== undefined)
    const cost_cents = known ? add(own.map(({ cost }) => cost ?? 0)) : null
    const margin_cents = cost_cents === null ? null : revenue_cents - cost_cents
    return [
      {
        ...{ product_id: id, name, category, quantity: add(own.map(({ quantity }) => quantity)) },
        ...{ revenue_cents, cost_cents, margin_cents },
        margin_percent: margin_cents === null ? null : percent(margin_cents, revenue_cents),
        stock,
      },
    ]
  })
  return { ...range, products: products.toSorted((a, b) => b.revenue_cents - a.revenue_cents) }
}

export function expectedMargin(shop: Generated, range: Range) {
  const lines = linesIn(shop, range)
  const figures = (days: string[]) => {
    const own = lines.filter(({ day }) => days.includes(day))
    const cost_cents = add(own.map(({ cost }) => cost ?? 0))
    const known = add(own.filter(({ cost }) => cost !== undefined).map((line) => line.revenue))
    const spend_cents = add(
      shop.spend.filter(({ day }) => days.includes(day)).map(({ spendCents }) => spendCents),
    )
    const revenue_cents = add(own.map((line) => line.revenue))
    const margin_cents = known - cost_cents - spend_cents
    const revenue_without_cost_cents = revenue_cents - known
    return { revenue_cents, revenue_without_cost_cents, cost_cents, spend_cents, margin_cents, known }
  }
  const { known, ...totals } = figures(daysIn(range))
  const days = daysIn(range).map((day) => {
    const { known: _, ...row } = figures([day])
    return { day, ...row }
  })
  return { ...range, totals: { ...totals, margin_percent: percent(totals.margin_cents, known) }, days }
}

export function expectedAdvertising(shop: Generated, range: Range) {
  const spend = shop.spend.filter(({ day }) => within(range, day))
  const sold = soldIn(shop, range)
  const names = [...new Set(spend.map(({ channel }) => channel))]
  const figures = (wanted: string[]) => {
    const spent = spend.filter(({ channel }) => wanted.includes(channel))
    const orders = sold.filter(({ channel }) => wanted.includes(channel))
    const spend_cents = add(spent.map(({ spendCents }) => spendCents))
    return {
      spend_cents,
      clicks: add(spent.map(({ clicks }) => clicks)),
      impressions: add(spent.map(({ impressions }) => impressions)),
      orders: orders.length,
      revenue_cents: revenue(orders),
      return_on_spend: spend_cents === 0 ? null : rounded(revenue(orders) / spend_cents, 2),
    }
  }
  const channels = names.map((channel) => {
    const row = figures([channel])
    const cost_per_order_cents = row.orders === 0 ? null : rounded(row.spend_cents / row.orders, 0)
    return { channel, ...row, cost_per_order_cents }
  })
  const days = daysIn(range).map((day) => ({
    day,
    spend_cents: add(spend.filter((row) => row.day === day).map(({ spendCents }) => spendCents)),
    revenue_cents: revenue(sold.filter((order) => order.day === day && names.includes(order.channel))),
  }))
  const sorted = channels.toSorted((a, b) => b.spend_cents - a.spend_cents)
  return { ...range, totals: figures(names), channels: sorted, days }
}

export function expectedCustomers(shop: Generated, range: Range) {
  const ever = soldIn(shop, { from: '0000-01-01', to: range.to })
  const byCustomer = Map.groupBy(ever, ({ email }) => email.toLowerCase())
  const people = [...byCustomer.values()].map((orders) => {
    const sorted = orders.toSorted((a, b) => a.paidAt.getTime() - b.paidAt.getTime())
    return { orders: sorted, first: sorted[0]?.day ?? '', last: sorted.at(-1)?.day ?? '' }
  })
  const active = people.filter(({ last }) => last >= range.from)
  const fresh = active.filter(({ first }) => first >= range.from)
  const monthAfter = (month: string, offset: number): string => {
    const date = new Date(`${month}-01T00:00:00Z`)
    date.setUTCMonth(date.getUTCMonth() + offset)
    return dayOf(date).slice(0, 7)
  }
  const cohorts = [...new Set(fresh.map(({ first }) => first.slice(0, 7)))].toSorted().map((month) => {
    const members = fresh.filter(({ first }) => first.startsWith(month))
    const months = []
    for (let offset = 0; monthAfter(month, offset) <= range.to.slice(0, 7); offset++) {
      const then = members.flatMap(({ orders }) =>
        orders.filter(({ day }) => day.startsWith(monthAfter(month, offset))),
      )
      const buyers = new Set(then.map(({ email }) => email.toLowerCase()))
      months.push({ offset, customers: buyers.size, orders: then.length, revenue_cents: revenue(then) })
    }
    return { month, customers: members.length, months }
  })
  const repeated = active.filter(({ orders }) => orders.length > 1).length
  const totals = {
    customers: active.length,
    new_customers: fresh.length,
    returning_customers: active.length - fresh.length,
    repeat_percent: percent(repeated, active.length),
  }
  return { ...range, totals, cohorts }
}
