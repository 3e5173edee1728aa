import { audit } from '../../api/audit.ts'
import type { Principal } from '../../api/auth/principal.ts'
import { HttpError } from '../../api/errors.ts'
import type { Database, Transaction } from '../../core/database.ts'
import { type Kind, type KindName, kinds, type Row } from './kinds.ts'
import type { RowError } from './read.ts'
import { type Tally, tally } from './tally.ts'
import type { File } from './text.ts'

/** An import as administrators see it; `id` is null if it was only tried. */
export type ImportView = {
  id: string | null
  kind: string
  rows: number
  accepted: number
  rejected: number
  created_at: string
}

export type Importing = {
  name: KindName
  actor: Principal
  requestId: string | undefined
  at: Date
  /** Stores what can be stored if not everything can. */
  partial: boolean
}

/** What became of a file, or would have. */
export type Imported = { import: ImportView; errors: RowError[] }

/** The API gives up after 30 s. */
const STORE_MS = 29_000

/**
 * Stores the rows of a file in batches, together with the entry of the audit log: all of it or nothing. Errors: 409 beside
 * another import; 503 when it is not done within `limitMs`; those of tally.
 */
export async function storeRows(
  database: Database,
  by: Importing,
  file: File,
  limitMs = STORE_MS,
): Promise<Imported> {
  const began = performance.now()
  const store = async (transaction: Transaction): Promise<Imported> => {
    await beAlone(transaction, by.name)
    const kind: Kind = kinds[by.name]
    const { id } = await transaction.import.create({
      // The rows refer to it, so it is there before they are counted.
      data: { kind: by.name, actorId: by.actor.id, rows: 0, accepted: 0, rejected: 0, createdAt: by.at },
      select: { id: true },
    })
    const found = await tally(file, {
      ...{ database: transaction, kind, partial: by.partial },
      async store(entries) {
        const rows = lastOfEach(
          kind,
          entries.map(({ values }) => values),
        )
        await transaction.$executeRaw(kind.store(JSON.stringify([...rows]), id))
      },
    })
    const counts = countsOf(found)
    await transaction.import.update({ where: { id }, data: counts })
    await audit(transaction, {
      ...{ actor: by.actor, requestId: by.requestId },
      ...{ action: `import.${by.name}`, target: `import:${id}`, details: counts },
    })
    return viewOf(by, id, found)
  }
  return database.$transaction(store, { timeout: limitMs }).catch((error) => {
    // The same code has a transaction that found no connection, and never began.
    const expired = (error as { code?: string }).code === 'P2028' && performance.now() - began >= limitMs
    throw expired ? tooSlow(limitMs) : error
  })
}

const tooSlow = (limitMs: number): HttpError =>
  new HttpError(
    503,
    `the rows could not be stored within ${limitMs / 1000} s, so none was: try again, or in several files`,
    10,
  )

/** What storeRows would answer, without changing anything. Errors: those of tally. */
export async function tryRows(database: Database, by: Importing, file: File): Promise<Imported> {
  return viewOf(by, null, await tally(file, { database, kind: kinds[by.name], partial: by.partial }))
}

const countsOf = ({ rows, accepted }: Tally) => ({ rows, accepted, rejected: rows - accepted })

const viewOf = ({ name, at }: Importing, id: string | null, found: Tally): Imported => ({
  import: { id, kind: name, ...countsOf(found), created_at: at.toISOString() },
  errors: found.errors,
})

/** Two that store the same rows in another order would wait for each other. */
async function beAlone(transaction: Transaction, name: string): Promise<void> {
  const [row] = await transaction.$queryRaw<{ alone: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtext('ecomweb.imports'), hashtext(${name})) AS alone`
  if (!row?.alone)
    throw new HttpError(409, `another import of ${name} is being stored: try again when it is done`)
}

/** One statement cannot change a row twice. */
function lastOfEach({ key }: Kind, rows: Row[]): Iterable<Row> {
  const last = new Map<string, Row>()
  for (const row of rows) last.set(JSON.stringify(key.map((column) => row[column])), row)
  return last.values()
}
