import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { parse } from 'csv-parse/sync'
import type { Env } from '../env.ts'
import { type Column, quoteName, selectOf } from './columns.ts'
import { FeedError } from './feed-error.ts'
import { exportCsv, exportForm } from './phpmyadmin/export.ts'
import { logIn } from './phpmyadmin/login.ts'
import { Session } from './phpmyadmin/session.ts'

/** Where the feed's rows come from: one source serves one refresh. All methods reject with FeedError. */
export type FeedSource = {
  /** The table's columns in their order. */
  columns(signal: AbortSignal): Promise<Column[]>
  /** The exact number of rows at this moment. */
  count(signal: AbortSignal): Promise<number>
  /** All rows as CSV with a header, every value in quotes but NULL, which is the marker. */
  csv(form: CsvForm, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
}

export type CsvForm = { columns: Column[]; nullMarker: string }

type Settings = Pick<
  Env,
  | 'FEED_SOURCE_URL'
  | 'FEED_SOURCE_USER'
  | 'FEED_SOURCE_PASSWORD'
  | 'FEED_SOURCE_DATABASE'
  | 'FEED_SOURCE_TABLE'
>

/** The table that the environment names, through its phpMyAdmin; logs in when first asked. */
export function openSource(env: Settings): FeedSource {
  const { FEED_SOURCE_DATABASE: database, FEED_SOURCE_TABLE: table } = env
  const from = `${quoteName(database)}.${quoteName(table)}`
  let opened: ReturnType<typeof open> | undefined

  const open = async (signal: AbortSignal) => {
    const session = new Session(required(env, 'FEED_SOURCE_URL'))
    const user = required(env, 'FEED_SOURCE_USER')
    await logIn(session, { user, password: required(env, 'FEED_SOURCE_PASSWORD') }, signal)
    return { session, form: await exportForm(session, { database, table }, signal) }
  }
  const run = async (sql: string, nullMarker: string, signal: AbortSignal) => {
    opened ??= open(signal)
    const { session, form } = await opened
    return exportCsv(session, form, { sql, nullMarker, signal })
  }
  const small = async (sql: string, signal: AbortSignal): Promise<string[][]> => {
    return rowsOf(await text(await run(sql, '', signal)))
  }

  return {
    async columns(signal) {
      const rows = await small(
        `SELECT COLUMN_NAME AS n, LOWER(DATA_TYPE) AS t FROM information_schema.COLUMNS
         WHERE TABLE_SCHEMA = ${quoteText(database)} AND TABLE_NAME = ${quoteText(table)} ORDER BY ORDINAL_POSITION`,
        signal,
      )
      const columns = rows.map(([name = '', type = '']) => ({ name, type }))
      if (columns.length === 0) throw new FeedError(`${database}.${table} has no columns that can be read`)
      return columns
    },
    async count(signal) {
      const [[count = ''] = []] = await small(`SELECT COUNT(*) AS n FROM ${from}`, signal)
      if (!/^\d+$/.test(count)) throw new FeedError(`phpMyAdmin does not say how many rows ${table} has`)
      return Number(count)
    },
    csv: ({ columns, nullMarker }, signal) =>
      run(`SELECT ${columns.map(selectOf).join(', ')} FROM ${from}`, nullMarker, signal),
  }
}

/**
 * A stand-in for NULL that no value can be confused with: it is random, and made after the data. The words NULL or
 * \N would do for values in quotes only, and the parser does not tell which were.
 */
export const newNullMarker = (): string => `NULL${randomBytes(12).toString('hex')}`

function rowsOf(csv: string): string[][] {
  try {
    return (parse(csv, { relax_column_count: true }) as string[][]).slice(1)
  } catch (error) {
    throw new FeedError('phpMyAdmin answers a question with what is not CSV', { cause: error })
  }
}

const quoteText = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

function required(env: Settings, name: keyof Settings): string {
  const value = env[name]
  if (value === undefined) throw new FeedError(`${name} is not set: the feed has no source`)
  return value
}
