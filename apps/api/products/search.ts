import { Prisma } from '../../../prisma/generated/client.ts'

/** A search finds this many at most; whoever has more should add a word. */
const MOST_FOUND = 1000

/**
 * Text that somebody typed, in the query language of PostgreSQL: all words must occur, of the last one the beginning
 * is enough. Each word is quoted, so nothing in it is an operator; PostgreSQL splits it as it split the products.
 */
export function toTextQuery(search: string): string {
  const words = search.split(/\s+/u).filter((word) => word !== '')
  return `${words.map(quote).join(' & ')}:*`
}

const quote = (word: string): string => `'${word.replaceAll(/['\\]/g, '$&$&')}'`

export type Search = { search: string; category: string | undefined; skip: number; take: number }
export type Found = { total: number; ids: number[] }

/**
 * The statement that finds the ids of a page of products, those whose name matches first. It gives one row, a Found.
 * A word that most products have ends the search early, so that it costs no more than a rare one.
 */
export function searchStatement({ search, category, skip, take }: Search): Prisma.Sql {
  const query = Prisma.sql`to_tsquery('simple', ${toTextQuery(search)})`
  const inCategory = category === undefined ? Prisma.empty : Prisma.sql`AND category = ${category}`
  return Prisma.sql`
    WITH matching AS MATERIALIZED (
      SELECT id, name FROM products
      WHERE to_tsvector('simple', name || ' ' || description) @@ ${query} AND archived_at IS NULL ${inCategory}
      ORDER BY id LIMIT ${MOST_FOUND}
    ), ranked AS (
      SELECT id, row_number() OVER (ORDER BY to_tsvector('simple', name) @@ ${query} DESC, id) AS rank FROM matching
    )
    SELECT
      count(*)::int AS total,
      coalesce(array_agg(id ORDER BY rank) FILTER (WHERE rank > ${skip} AND rank <= ${skip + take}), '{}') AS ids
    FROM ranked`
}
