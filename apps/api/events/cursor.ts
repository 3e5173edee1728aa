import { HttpError } from '../errors.ts'

const LARGEST = 9_223_372_036_854_775_807n // of bigint in PostgreSQL

/**
 * The event that the client has seen last: the header that EventSource sends by itself when it reconnects, else the
 * query. Undefined means that it wants to begin with what comes next.
 */
export function lastEventId(
  header: string | undefined,
  query: string | null | undefined,
): bigint | undefined {
  const given = header || query
  if (!given) return undefined
  const id = /^\d{1,19}$/.test(given) ? BigInt(given) : LARGEST + 1n
  if (id > LARGEST) throw new HttpError(400, 'last_event_id should be the id of an event, a whole number')
  return id
}

/**
 * Where reading begins. An id from the future comes from another database (a restored backup): whoever waited for it
 * would see nothing for a long time.
 */
export function startAfter(requested: bigint | undefined, newest: bigint): bigint {
  return requested !== undefined && requested < newest ? requested : newest
}
