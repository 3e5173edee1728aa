import { type EngineError, toEngineError } from './errors.ts'

/** The methods of an engine, by name; each takes one object and answers one. */
export type Methods = Record<string, ((params: unknown) => Promise<unknown>) | undefined>

export type Served = {
  methods: Methods
  consumeError: (id: number) => unknown
  /** Keeps what PostgreSQL said about a migration with the migration. */
  recordFailure: (migration: string, report: string) => Promise<void>
  /** Rejects when the engine cannot answer any more. */
  crashed: Promise<never>
}

type Call = { id: number; method: string; params: unknown }

/** The command line names one method differently from the WebAssembly build. */
const ALIASES: Record<string, string> = { getDatabaseVersion: 'version' }

/** JSON-RPC's number for "the method is unknown", and Prisma's for "the engine reports an error". */
const UNKNOWN_METHOD = -32601
const ENGINE_ERROR = 4466

/**
 * Answers one line of JSON-RPC with the lines to write. `serve` starts the engine at the first call, so that a
 * bad URL becomes an answer instead of a crash.
 */
export async function answer(line: string, serve: () => Promise<Served>): Promise<object[]> {
  const call = parseCall(line)
  if (!call) return []
  let served: Served | undefined
  try {
    served = await serve()
    const method = served.methods[ALIASES[call.method] ?? call.method]
    if (!method) return [failure(call, UNKNOWN_METHOD, `Method not found: ${call.method}`)]
    return succeeded(call, await Promise.race([method(call.params), served.crashed]))
  } catch (thrown) {
    const error = toEngineError(thrown, served?.consumeError ?? (() => undefined))
    const { migration_name } = (error.meta ?? {}) as { migration_name?: string }
    if (migration_name) await served?.recordFailure(migration_name, error.message)
    return [failure(call, ENGINE_ERROR, 'An error happened. Check the data field for details.', error)]
  }
}

function parseCall(line: string): Call | undefined {
  if (!line.trim()) return undefined
  const message = JSON.parse(line) as Partial<Call>
  // without a method it is the command line's acknowledgement of something printed
  return message.method === undefined ? undefined : (message as Call)
}

/** `diff` returns its text; the command line expects to be asked to print it, before the answer. */
function succeeded(call: Call, result: unknown): object[] {
  const answered = { jsonrpc: '2.0', id: call.id, result: result ?? null }
  if (call.method !== 'diff' || !result || typeof result !== 'object' || !('stdout' in result))
    return [answered]
  const { stdout, ...rest } = result
  const print = { jsonrpc: '2.0', id: call.id, method: 'print', params: { content: stdout ?? '' } }
  return [...(stdout === null ? [] : [print]), { ...answered, result: rest }]
}

function failure(call: Call, code: number, message: string, data?: EngineError): object {
  return { jsonrpc: '2.0', id: call.id, error: { code, message, data } }
}
