import { parseEnvFile } from '../settings/env-file.ts'
import { isSecretName } from '../settings/secrets.ts'
import type { KnownValue } from './find.ts'

/** Shorter ones would be found in ordinary words. */
const SHORTEST = 8

/** The secrets that the text of an environment file sets: values of secret names, passwords inside URLs. */
export function secretValues(text: string): KnownValue[] {
  return Object.entries(parseEnvFile(text)).flatMap(([name, value]) => {
    const inUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/@]*:([^@]+)@/i.exec(value)?.[1]
    // Several secrets may stand in one value, separated by commas, while they are rotated.
    const secrets = isSecretName(name) ? value.split(',') : []
    return [...secrets, ...(inUrl ? [inUrl] : [])]
      .filter((secret) => secret.length >= SHORTEST)
      .map((secret) => ({ name, value: secret }))
  })
}
