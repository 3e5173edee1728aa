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

/** Ended at statement_timeout, or to resolve a deadlock; the same again may succeed. */
const busyCodes = new Set(['57014', '40P01', '40001', 'P2034'])

type Layer = Record<string, unknown>

/** Whether an error means "PostgreSQL is not there", as opposed to "the query was wrong". */
export const isDatabaseLost = (error: unknown): boolean =>
  layers(error).some(
    (layer) =>
      hasCode(layer, connectionCodes) ||
      connectionKinds.has(String(layer.kind)) ||
      (typeof layer.message === 'string' && connectionMessages.test(layer.message)),
  )

/** Whether PostgreSQL had too much to do for a query with which nothing is wrong. */
export const isDatabaseBusy = (error: unknown): boolean =>
  layers(error).some((layer) => hasCode(layer, busyCodes))

const hasCode = ({ code, originalCode }: Layer, codes: Set<string>): boolean =>
  codes.has(String(code)) || codes.has(String(originalCode))

/** An error, what caused it, and what Prisma keeps of its driver's errors, from the outside in. */
function layers(error: unknown): Layer[] {
  const found: Layer[] = []
  for (let at = error; at instanceof Object && found.length < 6; ) {
    const layer = at as Layer
    found.push(layer)
    at = layer.cause ?? (layer.meta as Layer | undefined)?.driverAdapterError
  }
  return found
}
