const FIRST_NAMES = ['Anna', 'Jürgen', 'Zoë', 'François', 'Łukasz', 'María', '美咲', 'Олена']
const LAST_NAMES = ['Müller', 'García', 'Nowak', 'Lefèvre', 'Østergaard', 'D’Angelo', '田中', 'Шевченко']
const CITIES = ['München', 'Köln', 'Warszawa', 'A Coruña', 'Aarhus', 'Genève', 'Québec', '東京']
const STATES = ['paid', 'pending', 'refunded', 'partially_refunded'] as const
const NOTES = ['leave it at the "back door"', 'ring twice;\nthen wait', '', null] as const

/** What 102,052 of them weigh is about what the feed is specified for: 81 MB. */
export const RECORDS = 102_052

/** Orders as a shop exports them, as JSON, about 790 bytes each; the same for the same number in every run. */
export async function* orderRecords(count: number): AsyncGenerator<string> {
  for (let index = 0; index < count; index++) yield JSON.stringify(orderRecord(index))
}

function orderRecord(index: number) {
  const draw = drawing(index + 1)
  const pick = <T>(from: readonly T[]): T => from[draw(from.length)] as T
  const cents = 500 + draw(40_000)
  const euros = (amount: number) => (amount / 100).toFixed(2)
  const at = new Date(Date.UTC(2024, 0, 1) + index * 600_000 + draw(600_000)).toISOString()
  const name = `${pick(FIRST_NAMES)} ${pick(LAST_NAMES)}`
  const address = {
    street: `${pick(LAST_NAMES)}straße ${1 + draw(180)}`,
    zip: String(10_000 + draw(89_999)),
    city: pick(CITIES),
    country: pick(['DE', 'PL', 'ES', 'FR']),
  }
  return {
    id: 5_000_000_000 + index,
    name: `#${1001 + index}`,
    email: `customer.${draw(60_000)}@example.com`,
    created_at: at,
    processed_at: at,
    currency: 'EUR',
    total_price: euros(cents),
    subtotal_price: euros(Math.round(cents / 1.19)),
    total_tax: euros(cents - Math.round(cents / 1.19)),
    financial_status: pick(STATES),
    fulfillment_status: pick(['fulfilled', 'partial', null]),
    customer: { id: 7_000_000 + draw(60_000), name, orders_count: 1 + draw(30) },
    shipping_address: { name, ...address },
    line_items: Array.from({ length: 1 + draw(3) }, () => ({
      sku: `SKU-${String(draw(4000)).padStart(5, '0')}`,
      title: `${pick(['Canvas tote', 'Enamel mug', 'Linen apron', 'Oak board'])}, ${pick(['blue', 'green', 'sand'])}`,
      quantity: 1 + draw(4),
      price: euros(200 + draw(9000)),
    })),
    token: `${draw(2 ** 31).toString(16)}${draw(2 ** 31).toString(16)}`,
    browser_ip: `203.0.113.${draw(256)}`,
    source_name: pick(['web', 'pos', 'draft']),
    test: false,
    tags: pick(['', 'wholesale', 'first order, newsletter']),
    note: pick(NOTES),
  }
}

/** Whole numbers below the one asked for, by a linear congruential generator (Numerical Recipes, 7.1). */
function drawing(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
