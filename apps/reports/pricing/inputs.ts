import type { Transaction } from '../../core/database.ts'
import type { PricedProduct } from './engine.ts'

/**
 * Everything that rules look at, of each product in the shop, as of one moment: costs that are valid on the day of
 * `now`, and what competitors asked at most a year before.
 */
export function readProducts(transaction: Transaction, now: Date): Promise<PricedProduct[]> {
  const today = now.toISOString().slice(0, 10)
  return transaction.$queryRaw<PricedProduct[]>`
    SELECT id, name, category, price_cents, stocked_at, cost.cost_cents,
      coalesce(market.prices, '[]') AS competitors, coalesce(past.rules, '{}') AS changed_by
    FROM products
    LEFT JOIN (
      SELECT DISTINCT ON (product_id) product_id, cost_cents FROM product_costs
      WHERE valid_from <= ${today}::date
      ORDER BY product_id, valid_from DESC
    ) AS cost ON cost.product_id = products.id
    LEFT JOIN (
      SELECT product_id, jsonb_agg(jsonb_build_object(
        'competitor', competitor, 'seen_on', seen_on, 'price_cents', price_cents) ORDER BY competitor) AS prices
      FROM (
        SELECT DISTINCT ON (product_id, competitor) product_id, competitor, seen_on, price_cents
        FROM competitor_prices
        WHERE seen_on <= ${today}::date AND seen_on >= ${today}::date - 365
        ORDER BY product_id, competitor, seen_on DESC
      ) AS newest
      GROUP BY product_id
    ) AS market ON market.product_id = products.id
    LEFT JOIN (
      SELECT product_id, array_agg(DISTINCT rule_id::text ORDER BY rule_id::text) AS rules
      FROM price_changes
      JOIN pricing_runs ON pricing_runs.id = run_id AND undone_at IS NULL
      JOIN products ON products.id = product_id AND applied_at >= stocked_at
      WHERE rule_id IS NOT NULL
      GROUP BY product_id
    ) AS past ON past.product_id = products.id
    WHERE archived_at IS NULL
    ORDER BY id`
}
