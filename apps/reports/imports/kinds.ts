import { z } from 'zod'
import { Prisma } from '../../../prisma/generated/client.ts'
import { calendarDay } from '../reports/range.ts'

/** A row that can be stored, by the names of its columns. */
export type Row = Record<string, string | number>

/** What can be uploaded: how a row of text is read, what makes two rows the same, and where rows are stored. */
export type Kind = {
  row: z.ZodObject<Record<string, z.ZodType<string | number, string>>>
  /** These columns together: of two rows with the same, the later one counts. */
  key: readonly string[]
  /** Stores rows, given as a JSON array, in place of those with the same key. */
  store: (rows: string, importId: string) => Prisma.Sql
}

const money = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,2})?$/, 'should be an amount such as 12.34')
  .transform(toCents)
const price = money.refine((cents) => cents > 0, 'should be more than nothing')
const count = z
  .string()
  .regex(/^\d{1,9}$/, 'should be a whole number')
  .transform(Number)
const productId = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, 'should be the id of a product')
  .transform(Number)
  .refine((id) => id <= 2_147_483_647, 'should be the id of a product')
const channel = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'should be 1 to 32 of the characters a-z 0-9 -, as in the orders')
const text = (least: number) =>
  z
    .string()
    .trim()
    .min(least, 'should not be empty')
    .max(100, 'should have at most 100 characters')
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has control characters')

export const kinds = {
  'ad-spend': {
    row: z.object({
      ...{ day: calendarDay, channel, campaign: text(0) },
      ...{ spend: money, clicks: count, impressions: count },
    }),
    key: ['day', 'channel', 'campaign'],
    store: (rows, importId) => Prisma.sql`
      INSERT INTO ad_spend (day, channel, campaign, spend_cents, clicks, impressions, import_id)
      SELECT day, channel, campaign, spend, clicks, impressions, ${importId}::uuid
      FROM json_to_recordset(${rows}::json)
        AS r(day date, channel text, campaign text, spend int, clicks int, impressions int)
      ON CONFLICT (day, channel, campaign) DO UPDATE SET spend_cents = EXCLUDED.spend_cents,
        clicks = EXCLUDED.clicks, impressions = EXCLUDED.impressions, import_id = EXCLUDED.import_id`,
  },
  costs: {
    row: z.object({ product_id: productId, valid_from: calendarDay, cost: money }),
    key: ['product_id', 'valid_from'],
    store: (rows, importId) => Prisma.sql`
      INSERT INTO product_costs (product_id, valid_from, cost_cents, import_id)
      SELECT product_id, valid_from, cost, ${importId}::uuid
      FROM json_to_recordset(${rows}::json) AS r(product_id int, valid_from date, cost int)
      ON CONFLICT (product_id, valid_from)
        DO UPDATE SET cost_cents = EXCLUDED.cost_cents, import_id = EXCLUDED.import_id`,
  },
  'competitor-prices': {
    row: z.object({ product_id: productId, competitor: text(1), seen_on: calendarDay, price }),
    key: ['product_id', 'competitor', 'seen_on'],
    store: (rows, importId) => Prisma.sql`
      INSERT INTO competitor_prices (product_id, competitor, seen_on, price_cents, import_id)
      SELECT product_id, competitor, seen_on, price, ${importId}::uuid
      FROM json_to_recordset(${rows}::json) AS r(product_id int, competitor text, seen_on date, price int)
      ON CONFLICT (product_id, competitor, seen_on)
        DO UPDATE SET price_cents = EXCLUDED.price_cents, import_id = EXCLUDED.import_id`,
  },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

export const columnsOf = ({ row }: Kind): string[] => Object.keys(row.shape)

/** Never by way of a fraction: 1.15 has none that is exact. */
function toCents(amount: string): number {
  const [whole, fraction = ''] = amount.split('.')
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0'))
}
