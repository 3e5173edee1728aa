import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { passwordProblem } from '../auth/passwords.ts'
import { email } from '../auth/schemas.ts'
import { SHOP_WORDS } from '../auth/service.ts'

/** The command line cannot be carried out as it is; the message is for whoever typed it. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export type AdminCommand = { email: string; generate: boolean; json: boolean }

/** Reads `create EMAIL [--generate] [--json]`. Errors: UsageError. */
export function parseAdminCommand(args: string[]): AdminCommand {
  const options = { generate: { type: 'boolean' }, json: { type: 'boolean' } } as const
  const { values, positionals } = (() => {
    try {
      return parseArgs({ args, options, allowPositionals: true })
    } catch (error) {
      throw new UsageError((error as Error).message.split('. ')[0])
    }
  })()
  const [verb, address, ...more] = positionals
  if (verb !== 'create' || address === undefined || more.length > 0) {
    throw new UsageError('usage: admin create EMAIL [--generate] [--json], the password on standard input')
  }
  const parsed = email.safeParse(address)
  if (!parsed.success) throw new UsageError(`"${address}" is no e-mail address`)
  return { email: parsed.data, generate: values.generate === true, json: values.json === true }
}

/** The password of a line on standard input. Errors: UsageError when it keeps not the rules, or there is none. */
export function givenPassword(input: string, address: string): string {
  const password = input.replace(/\r?\n$/, '')
  if (password === '')
    throw new UsageError('there is no password on standard input: send one, or use --generate')
  const problem = passwordProblem(password, [address, ...SHOP_WORDS])
  if (problem) throw new UsageError(`the password ${problem}`)
  return password
}

/** 144 random bits. */
export const generatedPassword = (): string => randomBytes(18).toString('base64url')
