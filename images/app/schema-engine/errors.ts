/** The form in which Prisma's command line expects an engine's error. */
export type EngineError = {
  is_panic: boolean
  message: string
  error_code: string | null
  meta: unknown
}

const CONNECTION_CODES: Record<string, string> = {
  '28P01': 'P1000',
  '28000': 'P1010',
  '3D000': 'P1003',
  '42P04': 'P1009',
  ETIMEDOUT: 'P1002',
}

/** Prisma's code for a failure to connect; anything unknown counts as "not reachable". */
export function connectionErrorCode(code: string | undefined): string {
  return CONNECTION_CODES[code ?? ''] ?? 'P1001'
}

/** Errors of sockets that tried several addresses have no message of their own: theirs are in `errors`. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

/**
 * Translates what the engine threw. The engine knows an error that JavaScript code raised only by a number;
 * `consume` gives back the original, so that PostgreSQL's own message reaches the user.
 */
export function toEngineError(thrown: unknown, consume: (id: number) => unknown): EngineError {
  const error = thrown as { code?: string; meta?: unknown; is_panic?: boolean }
  const message = messageOf(thrown)
  const id = /External error id#(\d+)/.exec(message)?.[1]
  const original = id === undefined ? undefined : consume(Number(id))
  const migration = /migration_name="([^"]+)"/.exec(message)?.[1]
  if (migration && isSqlState((original as { code?: unknown })?.code))
    return migrationFailed(migration, original)
  return {
    is_panic: error?.is_panic === true || /panicked at|unreachable/.test(message),
    message: original === undefined ? message : messageOf(original),
    error_code: error?.code ?? null,
    meta: error?.meta ?? null,
  }
}

/** Prisma's report of a migration that PostgreSQL refused, in the form of the native engine. */
function migrationFailed(migration_name: string, original: unknown): EngineError {
  const database_error_code = (original as { code?: string }).code ?? 'unknown'
  const database_error = describeDatabaseError(original)
  const message = [
    'A migration failed to apply. New migrations cannot be applied before the error is recovered from. ' +
      'Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve',
    `Migration name: ${migration_name}`,
    `Database error code: ${database_error_code}`,
    `Database error:\n${database_error}`,
  ].join('\n\n')
  return {
    is_panic: false,
    message,
    error_code: 'P3018',
    meta: { migration_name, database_error_code, database_error },
  }
}

/** PostgreSQL's codes have five characters, unlike those of sockets. */
function isSqlState(code: unknown): boolean {
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE'
}

function describeDatabaseError(error: unknown): string {
  const { severity, detail, hint } = error as { severity?: string; detail?: string; hint?: string }
  const lines = [
    `${severity ?? 'ERROR'}: ${messageOf(error)}`,
    detail && `DETAIL: ${detail}`,
    hint && `HINT: ${hint}`,
  ]
  return lines.filter(Boolean).join('\n')
}
