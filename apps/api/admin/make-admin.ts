import type { Database } from '../../core/database.ts'
import { audit } from '../audit.ts'

export type MadeAdmin = { id: string; email: string; outcome: 'created' | 'promoted' }

/**
 * Makes the user with this e-mail an administrator who can sign in with this password; creates them when there is
 * none. An existing user gets the new password too, and every login of before ends with the old one: anybody may
 * have registered with that address.
 */
export async function makeAdmin(
  database: Database,
  { email, passwordHash }: { email: string; passwordHash: string },
): Promise<MadeAdmin> {
  return database.$transaction(async (transaction) => {
    const data = { passwordHash, role: 'admin', disabledAt: null }
    const [created] = await transaction.user.createManyAndReturn({
      data: [{ email, ...data }],
      skipDuplicates: true,
    })
    const { id } = created ?? (await transaction.user.update({ where: { email }, data }))
    const outcome = created ? 'created' : 'promoted'
    await audit(transaction, { actor: null, action: `admin.${outcome}`, target: `user:${id}` })
    return { id, email, outcome }
  })
}
