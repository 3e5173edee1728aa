import type { Transaction } from '../core/database.ts'
import type { Principal } from './auth/principal.ts'

/** Notes what an administrator does, in the transaction that does it: neither is there without the other. */
export async function audit(
  transaction: Transaction,
  entry: { actor: Principal | null; action: string; target: string; details?: object; requestId?: string },
): Promise<void> {
  const { actor, action, target, details = {}, requestId } = entry
  await transaction.auditEntry.create({
    data: { actorId: actor?.id ?? null, action, target, details, requestId: requestId ?? null },
  })
}
