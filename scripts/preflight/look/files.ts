import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { KitError } from '../../errors.ts'
import { parseEnvFile } from '../../settings/env-file.ts'
import { STACK_NAMES } from '../../settings/stack-env.ts'
import type { FactValues, SettingsFiles } from '../facts.ts'

/** Errors: `.env.api` or the example is missing. An absent `.env` is empty: Compose's defaults hold then. */
export function readSettingsFiles(root: string): SettingsFiles {
  const app = textOf(root, '.env.api')
  const example = textOf(root, '.env.api.example')
  if (app === undefined) {
    throw new KitError('there is no stack here yet: .env.api is missing', {
      why: 'the application gets every setting from it',
      next: './ecomweb up',
    })
  }
  if (example === undefined) {
    throw new KitError('.env.api.example is missing', {
      why: 'it says which variables the application needs',
      next: 'git checkout -- .env.api.example',
    })
  }
  return { env: parseEnvFile(textOf(root, '.env') ?? ''), app: parseEnvFile(app), example }
}

/** Names that `.env` decides and this shell exports with another value: Compose prefers the shell. */
export const readExported = (env: Record<string, string>, shell: NodeJS.ProcessEnv): string[] =>
  STACK_NAMES.filter((name) => shell[name] !== undefined && shell[name] !== env[name])

/** Permission bits of the files that hold passwords; absent ones are left out. */
export const readModes = (root: string): FactValues['modes'] =>
  ['.env', '.env.api'].flatMap((file) => {
    const mode = statSync(join(root, file), { throwIfNoEntry: false })?.mode
    return mode === undefined ? [] : [{ file, mode: mode & 0o777 }]
  })

export function readEdgeConfiguration(root: string): string {
  const text = textOf(root, 'haproxy/haproxy.cfg')
  if (text !== undefined) return text
  throw new KitError('haproxy/haproxy.cfg is missing', {
    why: 'HAProxy would not start again',
    next: 'git checkout -- haproxy/haproxy.cfg',
  })
}

const textOf = (root: string, file: string): string | undefined => {
  try {
    return readFileSync(join(root, file), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
