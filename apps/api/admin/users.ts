import type { Database } from '../../core/database.ts'
import { type AuditEntry, audit } from '../audit.ts'
import { toRole } from '../auth/accounts.ts'
import type { ManagedUser, UserChange } from './schemas.ts'

export type UserAdministration = {
  list(
    search: string | undefined,
    skip: number,
    take: number,
  ): Promise<{ users: ManagedUser[]; total: number }>
  /** Changes a user and writes down what changed. Null when there is no such user. */
  change(
    id: string,
    change: UserChange,
    by: Pick<AuditEntry, 'actor' | 'requestId'>,
  ): Promise<ManagedUser | null>
}

/**
 * The users of the shop. A disabled one can neither sign in nor refresh, and what they were signed in with does not
 * come back when they are enabled again. Their access token goes on to work until it expires, as does that of a former
 * administrator: for up to ACCESS_TOKEN_MINUTES, 15 unless set otherwise.
 *
 * @param endLogins ends what a user is signed in with; called once the change is kept
 */
export function userAdministration(
  database: Database,
  endLogins: (userId: string) => Promise<void>,
): UserAdministration {
  return {
    async list(search, skip, take) {
      const where = search ? { email: { contains: search, mode: 'insensitive' as const } } : {}
      const [rows, total] = await Promise.all([
        database.user.findMany({ where, orderBy: [{ createdAt: 'desc' }, { id: 'asc' }], skip, take }),
        database.user.count({ where }),
      ])
      return { users: rows.map(toManaged), total }
    },
    async change(id, change, by) {
      const changed = await database.$transaction(async (transaction) => {
        // Locked, so that what is written down as the state before is what it was.
        await transaction.$queryRaw`SELECT 1 FROM users WHERE id = ${id}::uuid FOR UPDATE`
        const before = await transaction.user.findUnique({ where: { id } })
        if (!before) return null
        const target = `user:${id}`
        if (change.role !== undefined && change.role !== before.role) {
          await transaction.user.update({ where: { id }, data: { role: change.role } })
          const details = { from: before.role, to: change.role }
          await audit(transaction, { ...by, action: 'user.role', target, details })
        }
        const disabled = before.disabledAt !== null
        if (change.disabled !== undefined && change.disabled !== disabled) {
          const disabledAt = change.disabled ? new Date() : null
          await transaction.user.update({ where: { id }, data: { disabledAt } })
          await audit(transaction, {
            ...by,
            action: change.disabled ? 'user.disabled' : 'user.enabled',
            target,
          })
        }
        return toManaged(await transaction.user.findUniqueOrThrow({ where: { id } }))
      })
      if (changed && change.disabled) await endLogins(id)
      return changed
    },
  }
}

const toManaged = (row: {
  id: string
  email: string
  role: string
  createdAt: Date
  disabledAt: Date | null
}): ManagedUser => ({
  id: row.id,
  email: row.email,
  role: toRole(row.role),
  created_at: row.createdAt.toISOString(),
  disabled_at: row.disabledAt?.toISOString() ?? null,
})
