import type { Database } from '../../core/database.ts'

/** A user with what only this module may know. */
export type Account = {
  id: string
  email: string
  role: 'user' | 'admin'
  passwordHash: string | null
  disabledAt: Date | null
}

export type AccountRepository = {
  /** Null when there is an account with this e-mail. */
  create(email: string, passwordHash: string): Promise<Account | null>
  byEmail(email: string): Promise<Account | null>
  byId(id: string): Promise<Account | null>
}

export function accountRepository(database: Database): AccountRepository {
  return {
    async create(email, passwordHash) {
      const [row] = await database.user.createManyAndReturn({
        data: [{ email, passwordHash }],
        skipDuplicates: true,
      })
      return row ? toAccount(row) : null
    },
    async byEmail(email) {
      const row = await database.user.findUnique({ where: { email } })
      return row && toAccount(row)
    },
    async byId(id) {
      const row = await database.user.findUnique({ where: { id } })
      return row && toAccount(row)
    },
  }
}

/** The role as the database has it; whatever is not known there has no special rights. */
export const toRole = (role: string): Account['role'] => (role === 'admin' ? 'admin' : 'user')

const toAccount = <Row extends Omit<Account, 'role'> & { role: string }>(row: Row): Account => ({
  ...row,
  role: toRole(row.role),
})
