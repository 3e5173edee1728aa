import { text } from 'node:stream/consumers'
import { openDatabase } from '../../core/database.ts'
import { describeDatabaseError } from '../../core/database-error.ts'
import { readEnvOrExit } from '../../core/env.ts'
import { generatedPassword, givenPassword, parseAdminCommand, UsageError } from '../admin/command.ts'
import { makeAdmin } from '../admin/make-admin.ts'
import { bcryptPasswords } from '../auth/passwords.ts'

/**
 * `node apps/api/bin/admin.ts create EMAIL` makes an administrator; the password comes on standard input, never as an
 * argument, which everybody on the host could read. Exit codes: 0 done, 1 failed, 2 wrong usage or password.
 */
async function main(args: string[]): Promise<void> {
  const { email, generate, json } = parseAdminCommand(args)
  const password = generate ? generatedPassword() : givenPassword(await text(process.stdin), email)
  const env = readEnvOrExit()
  const database = openDatabase({ ...env, DATABASE_POOL: 1 })
  try {
    const passwordHash = await bcryptPasswords().hash(password)
    const { id, outcome } = await makeAdmin(database, { email, passwordHash }).catch((error) => {
      throw new Error(describeDatabaseError(error, env.DATABASE_URL))
    })
    const made = { id, email, outcome, ...(generate && { password }) }
    process.stdout.write(json ? `${JSON.stringify(made)}\n` : describe(made))
  } finally {
    await database.$disconnect()
  }
}

const describe = (made: { email: string; outcome: string; password?: string }): string =>
  `${made.email} is an administrator (${made.outcome})\n${made.password ? `password: ${made.password}\n` : ''}`

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`admin: ${(error as Error).message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
