import { KitError } from './errors.ts'
import { realDisk } from './files/disk.ts'
import { replaceFile } from './files/durable.ts'
import { commitBack, commitRoutes, type Routes } from './haproxy/routes.ts'
import { adminSocket, askHaproxy } from './haproxy/socket.ts'
import type { Ports, Versions } from './ports.ts'
import { type ExecOptions, execRunner, printRunner } from './run.ts'
import { editEnvFile } from './settings/env-file.ts'
import { isSecretName } from './settings/secrets.ts'
import { request } from './stack/http.ts'
import { poll, systemClock } from './stack/wait.ts'

/**
 * Everything that a command may change, and nothing else. The dry world prints instead; no step asks which one
 * it was given. What only looks goes through `read` and is real in both, since a plan needs the facts.
 */
export interface World extends Ports {
  /** Replaces a whole file, durably. */
  replace(path: string, text: string, mode?: number): Promise<void>
  /** Sets values in `.env`, durably; nothing is written when all of them are set already. */
  editEnv(changes: Record<string, string>): Promise<void>
  /** Does something that no other part of the world covers, such as asking a colour that is not there in a dry run. */
  act<T>(what: string, run: () => Promise<T>, assume: T): Promise<T>
  /** Moves traffic; resolves with the milliseconds of HAProxy's commit. */
  commit(routes: Routes): Promise<number>
  /** The same for the way back, which a full disk does not bar. */
  commitBack(routes: Routes): Promise<number>
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

/** The ports of this host for the stack in a folder. */
export function realPorts(root: string, options: ExecOptions = {}): Ports {
  const runner = execRunner(options)
  const disk = realDisk(root)
  return {
    read: runner,
    runner,
    disk,
    edge: { ask: (line) => askHaproxy(adminSocket(root), line) },
    http: { request },
    // The driver costs 50 ms to load, so only for those who ask.
    ledger: {
      migrations: async () => (await import('./migrations/ledger.ts')).stackLedger(disk, runner).migrations(),
    },
    versions: lazily(async () => (await import('./temporal/versions.ts')).stackVersions(disk, runner)),
    clock: systemClock,
  }
}

/** Temporal's client costs 0.2 s to load, so only for those who ask. */
const lazily = (load: () => Promise<Versions>): Versions => ({
  look: async (limitMs) => (await load()).look(limitMs),
  makeCurrent: async (...given) => (await load()).makeCurrent(...given),
  gate: async (gate) => (await load()).gate(gate),
  release: async (...given) => (await load()).release(...given),
  remove: async (buildId) => (await load()).remove(buildId),
})

/** A world that acts through the ports it is given, be they real or simulated. */
export function worldOver(ports: Ports, interrupted: AbortSignal): World {
  return {
    ...ports,
    replace: (path, text, mode) => replaceFile(ports.disk, path, text, mode),
    async editEnv(changes) {
      const text = (await ports.disk.read('.env')) ?? ''
      const edited = editEnvFile(text, changes)
      if (edited !== text) await replaceFile(ports.disk, '.env', edited)
    },
    act: (_what, run) => run(),
    commit: (routes) => commitRoutes(ports, routes),
    commitBack: (routes) => commitBack(ports, routes),
    async until(what, look, { timeoutMs, intervalMs = 200, missing }) {
      const found = await poll(
        async () => {
          interrupted.throwIfAborted()
          return look()
        },
        { timeoutMs, intervalMs, clock: ports.clock },
      )
      if (found !== undefined) return found
      throw new KitError(`${what}: not within ${Math.round(timeoutMs / 1000)} s`, {
        ...(missing ? { why: missing() } : {}),
        next: './ecomweb status',
      })
    },
  }
}

/** Looks through real ports and prints what it would change. */
export function dryWorld(ports: Ports, print: (line: string) => void): World {
  const unchanged = async (): Promise<void> => {}
  const commit = async (routes: Routes): Promise<number> => {
    const canary = routes.canary ? ` canary=${routes.canary}` : ''
    print(`commit route map: active=${routes.active}${canary} weight=${routes.weight}`)
    return 0
  }
  return {
    ...ports,
    runner: printRunner(print),
    disk: {
      ...ports.disk,
      makeFolder: unchanged,
      write: unchanged,
      append: unchanged,
      overwrite: unchanged,
      sync: unchanged,
      rename: unchanged,
      remove: async (path) => print(`remove ${path}`),
    },
    versions: {
      ...ports.versions,
      makeCurrent: async (buildId) => print(`make ${buildId || 'workers without a version'} current`),
      gate: async ({ workflow, buildId }) => print(`run ${workflow} on version ${buildId}`),
      release: async (buildId) => {
        print(`release the workflows of version ${buildId}`)
        return 0
      },
      remove: async (buildId) => print(`remove version ${buildId}`),
    },
    clock: { ...ports.clock, sleep: unchanged },
    replace: async (path) => print(`write ${path}`),
    async editEnv(changes) {
      for (const [name, value] of Object.entries(changes)) {
        print(`set ${name}=${isSecretName(name) ? '[REDACTED]' : value} in .env`)
      }
    },
    async act(what, _run, assume) {
      print(what)
      return assume
    },
    commit,
    commitBack: commit,
    async until(what, _look, { assume }) {
      print(`wait until ${what}`)
      return assume
    },
  }
}
