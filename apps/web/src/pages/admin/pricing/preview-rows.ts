import type { PlannedChange } from '../../../api/pricing.ts'
import { sorted } from '../reports/sorting.ts'

export const orders: readonly [string, string][] = [
  ['', 'Largest change first'],
  ['up', 'Largest increase first'],
  ['down', 'Largest decrease first'],
  ['margin', 'Lowest new margin first'],
  ['name', 'By name'],
]

const keys: Record<string, (change: PlannedChange) => string | number | null> = {
  '': ({ delta_percent }) => -Math.abs(delta_percent),
  up: ({ delta_percent }) => -delta_percent,
  down: ({ delta_percent }) => delta_percent,
  margin: ({ new_margin_percent }) => new_margin_percent,
  name: ({ name }) => name,
}

/** The changes whose product, category or rule holds the text, in one of the orders. */
export function changesShown(
  changes: readonly PlannedChange[],
  text: string,
  order: string,
): PlannedChange[] {
  const sought = text.trim().toLowerCase()
  const found = changes.filter(({ name, category, rule }) =>
    [name, category, rule].some((part) => part?.toLowerCase().includes(sought)),
  )
  return sorted(found, keys[order] ?? keys[''] ?? (() => null), false)
}

/** How many prices rise and fall. */
export function directions(changes: readonly PlannedChange[]): { up: number; down: number } {
  const up = changes.filter(({ price_cents, new_price_cents }) => new_price_cents > price_cents).length
  return { up, down: changes.length - up }
}
