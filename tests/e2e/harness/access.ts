import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { editEnvFile, parseEnvFile } from '../../../scripts/settings/env-file.ts'
import { type Access, signIn } from '../../load/access.ts'
import type { Stack } from './stack.ts'

const ADMINISTRATOR = 'admin@example.com'
const EXEMPT = 'RATE_LIMIT_EXEMPT_TOKEN'

export const newSecret = (): string => randomBytes(24).toString('base64url')

/** Has the first `up` in a folder write an `.env.api` by which these tests are not throttled. */
export function exemptTests(folder: string): void {
  const example = join(folder, '.env.api.example')
  writeFileSync(example, editEnvFile(readFileSync(example, 'utf8'), { [EXEMPT]: newSecret() }))
}

/** Makes the stack's administrator, as an operator would. */
export async function createAdministrator(stack: Stack): Promise<void> {
  const args = ['admin', 'create', ADMINISTRATOR, '--json']
  await stack.ecomweb(args, { input: `${stack.info.adminPassword}\n` })
}

/** How tests are let in: never throttled, and with a token of the administrator, who sees all events. */
export function accessTo(stack: Stack): Access & { token: () => Promise<string> } {
  const exempt = parseEnvFile(readFileSync(stack.file('.env.api'), 'utf8'))[EXEMPT]
  const credentials = { email: ADMINISTRATOR, password: stack.info.adminPassword }
  return { exempt, token: signIn(stack.url, credentials, exempt) }
}
