import type { QueryClient } from '@tanstack/react-query'

/** After prices have changed: whatever shows or is made of prices is asked for anew. */
export async function outdateCatalogue(queries: QueryClient): Promise<void> {
  const names = ['pricing', 'products', 'product', 'reports']
  await Promise.all(names.map((name) => queries.invalidateQueries({ queryKey: [name] })))
}
