import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { editEnvFile, parseEnvFile } from '../../../scripts/settings/env-file.ts'
import { type Access, type Credentials, signIn } from '../../load/access.ts'
import type { Stack } from './stack.ts'

const EXEMPT = 'RATE_LIMIT_EXEMPT_TOKEN'

export const newSecret = (): string => randomBytes(24).toString('base64url')

/**
 * Has the first `up` in a folder write an `.env.api` by which these tests are not throttled, and by which a web client
 * on another port of this host is let in.
 */
export function admitTests(folder: string, webPort: number): void {
  const example = join(folder, '.env.api.example')
  const settings = { [EXEMPT]: newSecret(), CORS_ORIGINS: `http://127.0.0.1:${webPort}` }
  writeFileSync(example, editEnvFile(readFileSync(example, 'utf8'), settings))
}

/** Who administers a stack of these tests. */
export const administrator = (stack: Stack): Credentials => ({
  email: 'admin@example.com',
  password: stack.info.adminPassword,
})

/** Makes the stack's administrator, as an operator would. */
export async function createAdministrator(stack: Stack): Promise<void> {
  const { email, password } = administrator(stack)
  await stack.ecomweb(['admin', 'create', email, '--json'], { input: password })
}

/** How tests are let in: never throttled, and with a token of the administrator, who sees all events. */
export function accessTo(stack: Stack): Access & { token: () => Promise<string> } {
  const exempt = parseEnvFile(readFileSync(stack.file('.env.api'), 'utf8'))[EXEMPT]
  return { exempt, token: signIn(stack.url, administrator(stack), exempt) }
}
