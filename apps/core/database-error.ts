import { isIP } from 'node:net'

/** What went wrong with PostgreSQL, for people: without a stack, and never with a password. */

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused (nothing listens there)',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be resolved at the moment',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'the connection was closed by the server',
  '28P01': 'the password was refused',
  '28000': 'the role was refused',
  '3D000': 'the database does not exist',
  '42501': 'the role may not read it',
  '53300': 'it has no connection left',
  '57P01': 'it is shutting down',
  '57P03': 'it is starting up or shutting down',
  ConnectionClosed: 'the connection was closed by the server',
  SocketTimeout: 'the connection timed out',
}

/** Host, port and database of a URL: what may be printed of it. */
export function describeTarget(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url)
    return `${hostname}:${port || '5432'}${decodeURIComponent(pathname)}`
  } catch {
    return '(the URL cannot be read)'
  }
}

/** The error in words. `url` is only used to make sure that its password is not among them. */
export function describeDatabaseError(error: unknown, url = ''): string {
  const causes = chain(error)
  const unreachable = causes.find((cause) => cause.kind === 'DatabaseNotReachable')
  // Prisma keeps the address that refused, or the name for which there is none
  if (unreachable) return WORDS[isIP(String(unreachable.host)) ? 'ECONNREFUSED' : 'ENOTFOUND'] as string
  for (const key of ['code', 'originalCode', 'kind'])
    for (const cause of [...causes].reverse()) {
      const words = WORDS[String(cause[key])]
      if (words) return words
    }
  const messages = causes.map((cause) => cause.originalMessage ?? cause.message).filter(Boolean)
  const message = String(messages.at(-1) ?? error)
    .replace(/\s+/g, ' ')
    .trim()
  return withoutPassword(/timeout exceeded/.test(message) ? 'the connection timed out' : message, url)
}

/** Whether PostgreSQL answered with this SQLSTATE, however deep Prisma has wrapped it. */
export function hasPostgresCode(error: unknown, code: string): boolean {
  return chain(error).some((cause) => cause.code === code || cause.originalCode === code)
}

/** The error and what it wraps, outermost first. */
function chain(error: unknown): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = []
  for (let at = error; at instanceof Object && found.length < 8; ) {
    const cause = at as Record<string, unknown>
    found.push(cause)
    const meta = cause.meta as Record<string, unknown> | undefined
    const first = Array.isArray(cause.errors) ? cause.errors[0] : undefined
    at = cause.cause ?? meta?.driverAdapterError ?? first
  }
  return found
}

function withoutPassword(text: string, url: string): string {
  const shown = text.replace(/(:\/\/[^:/@\s]+:)[^@\s]+@/g, '$1***@')
  const password = URL.canParse(url) ? new URL(url).password : ''
  if (!password) return shown
  return shown.replaceAll(password, '***').replaceAll(decodeURIComponent(password), '***')
}
