import { randomBytes } from 'node:crypto'
import { editEnvFile } from './env-file.ts'

export type Passwords = Record<
  'POSTGRES_PASSWORD' | 'OWNER_DB_PASSWORD' | 'APP_DB_PASSWORD' | 'TEMPORAL_DB_PASSWORD',
  string
>

/** 192 bits, in characters that need no escaping in a URL or a shell. */
const secret = (): string => randomBytes(24).toString('base64url')

export const newPasswords = (): Passwords => ({
  POSTGRES_PASSWORD: secret(),
  OWNER_DB_PASSWORD: secret(),
  APP_DB_PASSWORD: secret(),
  TEMPORAL_DB_PASSWORD: secret(),
})

/** A first `.env`: what Compose needs to run this stack, and nothing that only a person decides. */
export const newStackEnv = (passwords: Passwords, given: Record<string, string>): string =>
  editEnvFile(
    [
      '# Read by Docker Compose and ./ecomweb: names, ports, images, replicas. Written by ./ecomweb up and deploy;',
      '# edit it freely while no deploy runs. Keep it at mode 0600: it holds passwords.',
      '',
    ].join('\n'),
    { ...given, ...passwords },
  )

/** A first `.env.api`: the example, with the passwords of the embedded database. */
export function newAppEnv(example: string, passwords: Passwords): string {
  const url = (role: string, password: string) =>
    `postgresql://${role}:${password}@ecomweb-postgres:5432/ecomweb`
  return editEnvFile(example, {
    DATABASE_URL: url('ecomweb_app', passwords.APP_DB_PASSWORD),
    MIGRATE_DATABASE_URL: url('ecomweb_owner', passwords.OWNER_DB_PASSWORD),
  })
}
