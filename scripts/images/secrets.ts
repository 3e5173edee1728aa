import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Secret } from './commands.ts'

type Env = Record<string, string | undefined>
type Exists = (file: string) => boolean

/** The host's trust store: builds that go through a proxy with a certificate of its own need it. */
export function caBundle(env: Env, exists: Exists = existsSync): Secret[] {
  const files = [env.NODE_EXTRA_CA_CERTS, env.SSL_CERT_FILE, '/etc/ssl/certs/ca-certificates.crt']
  return secret('ca', files, exists)
}

/** The host's npm settings (registry, credentials), when there are any. */
export function npmSettings(env: Env, exists: Exists = existsSync): Secret[] {
  return secret(
    'npmrc',
    [env.NPM_CONFIG_USERCONFIG, env.npm_config_userconfig, `${homedir()}/.npmrc`],
    exists,
  )
}

/** Variables of the host's own clients that a build needs as well, as far as they are set. */
export const passedVariables = (env: Env, more: string[] = []): string[] =>
  ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', ...more].filter(
    (name) => env[name],
  )

/** A build secret from the first file that exists; builds treat every secret as optional. */
const secret = (id: string, files: (string | undefined)[], exists: Exists): Secret[] => {
  const file = files.find((candidate) => candidate !== undefined && exists(candidate))
  return file ? [{ id, file }] : []
}
