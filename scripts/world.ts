import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KitError } from './errors.ts'
import { replaceFile } from './files/durable.ts'
import { commitRoutes, type Routes } from './haproxy/routes.ts'
import { execRunner, printRunner, type Runner } from './run.ts'
import { editEnvFile } from './settings/env-file.ts'
import { isSecretName } from './settings/secrets.ts'
import { poll } from './stack/wait.ts'

/**
 * Everything that a command may change, and nothing else. The dry world prints instead; no step asks which one
 * it was given. What only looks goes through `read` and is real in both, since a plan needs the facts.
 */
export interface World {
  readonly read: Runner
  readonly runner: Runner
  /** Sets values in `.env`, durably. */
  editEnv(changes: Record<string, string>): void
  /** Moves traffic; resolves with the milliseconds of HAProxy's commit. */
  commit(routes: Routes): Promise<number>
  /** Waits until `look` finds something. Errors: `timeout` with what was still missing. */
  until<T>(what: string, look: () => Promise<T | undefined>, limit: Limit<T>): Promise<T>
}

export type Limit<T> = {
  timeoutMs: number
  intervalMs?: number
  /** What a dry run goes on with. */
  assume: T
  /** The error when time is over; the default says only that. */
  missing?: () => string
}

export function realWorld(root: string, interrupted: AbortSignal, verbose?: (line: string) => void): World {
  const runner = execRunner(verbose ? { verbose } : {})
  return {
    read: runner,
    runner,
    editEnv(changes) {
      const path = join(root, '.env')
      replaceFile(path, editEnvFile(readFileSync(path, 'utf8'), changes))
    },
    commit: (routes) => commitRoutes(root, routes),
    async until(what, look, { timeoutMs, intervalMs = 200, missing }) {
      const found = await poll(
        async () => {
          interrupted.throwIfAborted()
          return look()
        },
        { timeoutMs, intervalMs },
      )
      if (found !== undefined) return found
      throw new KitError(`${what}: not within ${Math.round(timeoutMs / 1000)} s`, {
        ...(missing ? { why: missing() } : {}),
        next: './ecomweb status',
      })
    },
  }
}

export function dryWorld(print: (line: string) => void): World {
  return {
    read: execRunner(),
    runner: printRunner(print),
    editEnv(changes) {
      for (const [name, value] of Object.entries(changes)) {
        print(`set ${name}=${isSecretName(name) ? '[REDACTED]' : value} in .env`)
      }
    },
    async commit(routes) {
      print(`commit route map: active=${routes.active} weight=${routes.weight}`)
      return 0
    },
    async until(what, _look, { assume }) {
      print(`wait until ${what}`)
      return assume
    },
  }
}
