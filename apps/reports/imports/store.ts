import { audit } from '../../api/audit.ts'
import type { Principal } from '../../api/auth/principal.ts'
import { HttpError } from '../../api/errors.ts'
import type { Database, Transaction } from '../../core/database.ts'
import { STATEMENT_MS } from '../assemble.ts'
import { type Kind, type KindName, kinds, type Row } from './kinds.ts'
import type { Contents } from './read.ts'

/** An import as administrators see it; `id` is null if it was only tried. */
export type ImportView = {
  id: string | null
  kind: string
  rows: number
  accepted: number
  rejected: number
  created_at: string
}

export type Importing = { name: KindName; actor: Principal; requestId: string | undefined; at: Date }

const BATCH = 5000

/** Stores the rows, all of them or none, together with the entry of the audit log. Errors: 409 beside another import. */
export const storeRows = (
  database: Database,
  by: Importing,
  { rows, entries }: Contents,
): Promise<ImportView> =>
  database.$transaction(
    async (transaction) => {
      await beAlone(transaction, by.name)
      const counts = { rows, accepted: entries.length, rejected: rows - entries.length }
      const { id } = await transaction.import.create({
        data: { kind: by.name, actorId: by.actor.id, ...counts, createdAt: by.at },
        select: { id: true },
      })
      const kind: Kind = kinds[by.name]
      const last = [
        ...lastOfEach(
          kind,
          entries.map(({ values }) => values),
        ),
      ]
      for (let start = 0; start < last.length; start += BATCH) {
        await transaction.$executeRaw(kind.store(JSON.stringify(last.slice(start, start + BATCH)), id))
      }
      await audit(transaction, {
        ...{ actor: by.actor, requestId: by.requestId },
        ...{ action: `import.${by.name}`, target: `import:${id}`, details: counts },
      })
      return { id, kind: by.name, ...counts, created_at: by.at.toISOString() }
    },
    { timeout: STATEMENT_MS },
  )

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
