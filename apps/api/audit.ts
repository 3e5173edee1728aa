import type { Database, Transaction } from '../core/database.ts'
import type { Principal } from './auth/principal.ts'

/** What somebody with rights did. `actor`: null for whoever has a shell on the host. */
export type AuditEntry = {
  actor: Principal | null
  /** What was done, such as user.disabled */
  action: string
  /** To what, such as user:ID or product:7 */
  target: string
  /** Never a password or a token. */
  details?: object
  requestId?: string | undefined
}

/** Writes an entry in the transaction of what it tells of: so there is never one without the other. */
export async function audit(transaction: Transaction, entry: AuditEntry): Promise<void> {
  const { actor, action, target, details = {}, requestId } = entry
  await transaction.auditEntry.create({
    data: { actorId: actor?.id ?? null, action, target, details, requestId: requestId ?? null },
  })
}

/** An entry as administrators see it. */
export type AuditView = {
  /** a number that may grow beyond what JavaScript counts */
  id: string
  actor_id: string | null
  action: string
  target: string
  details: unknown
  request_id: string | null
  created_at: string
}

/** Entries, the newest first, and how many there are. */
export async function listAudit(
  database: Database,
  skip: number,
  take: number,
): Promise<{ entries: AuditView[]; total: number }> {
  const [rows, total] = await Promise.all([
    database.auditEntry.findMany({ orderBy: { id: 'desc' }, skip, take }),
    database.auditEntry.count(),
  ])
  const entries = rows.map((row) => ({
    id: String(row.id),
    actor_id: row.actorId,
    action: row.action,
    target: row.target,
    details: row.details,
    request_id: row.requestId,
    created_at: row.createdAt.toISOString(),
  }))
  return { entries, total }
}
