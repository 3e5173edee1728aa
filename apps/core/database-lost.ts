const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  // PostgreSQL itself: shutting down, crashed, starting up, out of connections
  '57P01',
  '57P02',
  '57P03',
  '53300',
])

const connectionKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
])

const connectionMessages =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|closed the connection|can't reach database/i

/** Whether an error means "PostgreSQL is not there", as opposed to "the query was wrong". */
export function isDatabaseLost(error: unknown): boolean {
  for (let depth = 0, at = error; at instanceof Object && depth < 6; depth++) {
    const e = at as Record<string, unknown>
    if (connectionCodes.has(String(e.code)) || connectionCodes.has(String(e.originalCode))) return true
    if (connectionKinds.has(String(e.kind))) return true
    if (typeof e.message === 'string' && connectionMessages.test(e.message)) return true
    at = e.cause ?? (e.meta as Record<string, unknown> | undefined)?.driverAdapterError
  }
  return false
}
