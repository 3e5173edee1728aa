/** How to reach one PostgreSQL database, in the terms of the `pg` driver. */
export type Target = { connectionString: string; database: string; schema: string }

/**
 * Splits Prisma's URL: `schema` is Prisma's own parameter, which PostgreSQL learns as its search path, as the
 * native engine does.
 */
export function parseTarget(url: string): Target {
  if (!url) throw new Error('The datasource has no URL: set MIGRATE_DATABASE_URL or DATABASE_URL.')
  const parsed = new URL(url)
  const schema = parsed.searchParams.get('schema') ?? 'public'
  if (parsed.searchParams.has('schema')) {
    parsed.searchParams.delete('schema')
    const options = parsed.searchParams.get('options')
    parsed.searchParams.set('options', [options, `-c search_path="${schema}"`].filter(Boolean).join(' '))
  }
  return { connectionString: parsed.toString(), database: databaseOf(parsed), schema }
}

/** The same server, another database. */
export function withDatabase(target: Target, database: string): Target {
  const url = new URL(target.connectionString)
  url.pathname = `/${encodeURIComponent(database)}`
  return { ...target, connectionString: url.toString(), database }
}

/** Quotes an SQL identifier. */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

function databaseOf(url: URL): string {
  return decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username) || 'postgres'
}
