import type { Runner } from './run.ts'

/**
 * Everything outside the engine, in the smallest pieces that can fail, or be cut off, by themselves. The real ones
 * are in world.ts; the simulation has its own. Every path is relative to the folder of docker-compose.yml.
 */
export interface Ports {
  /** Looks only, and is real in a dry run too. */
  readonly read: Runner
  /** Acts. */
  readonly runner: Runner
  readonly disk: Disk
  readonly edge: Edge
  readonly http: Http
  readonly ledger: Ledger
  readonly versions: Versions
  readonly clock: Clock
}

/** Files. Nothing written or renamed survives a power cut unless the file, and then its folder, was synced. */
export interface Disk {
  /** The text of a file; undefined when it is absent. */
  read(path: string): Promise<string | undefined>
  /** The names in a folder; empty when it is absent. */
  list(path: string): Promise<string[]>
  /** Makes a folder and those above it, mode 0700. */
  makeFolder(path: string): Promise<void>
  /** Creates or overwrites. An existing `like` gives owner, group and mode; else `mode` does (default 0600). */
  write(path: string, text: string, options?: { mode?: number; like?: string }): Promise<void>
  append(path: string, text: string): Promise<void>
  /**
   * Gives an existing file of less than a disk's block another text of the like, in the room that it has: for a full
   * disk, where nothing new can be written. Errors: it is absent.
   */
  overwrite(path: string, text: string): Promise<void>
  sync(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** A file or a whole folder; nothing happens when it is absent. */
  remove(path: string): Promise<void>
}

/** HAProxy's admin socket: one line in, the whole answer out. */
export interface Edge {
  ask(line: string): Promise<string>
}

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }

export type HttpOptions = {
  method?: string
  headers?: Record<string, string>
  body?: string
  timeoutMs?: number
}

/** HTTP to this host's own ports. Errors: refused, or no whole answer within `timeoutMs` (default 3000). */
export interface Http {
  request(port: number, path: string, options?: HttpOptions): Promise<Answer>
}

/** A row of Prisma's table of migrations. */
export type AppliedMigration = {
  name: string
  checksum: string
  finished: boolean
  rolledBack: boolean
}

/** What the database says of its schema. Errors: it cannot be reached. */
export interface Ledger {
  migrations(): Promise<AppliedMigration[]>
}

/** A version of the stack's workers as Temporal knows it; the build id `''` stands for workers without a version. */
export type WorkerVersion = {
  buildId: string
  /** `inactive` was never current; `draining` still has running workflows, as the server has last counted. */
  status: 'current' | 'ramping' | 'draining' | 'drained' | 'inactive'
  /** Who polls the task queue for it, one a process: those that asked for work within the last 75 seconds. */
  pollers: string[]
  /** Running workflows that only this version goes on with. */
  running: number
}

/** Where Temporal sends workflows that no version owns: to the current one. */
export type Routing = {
  current: string
  /** A change of the current version is still on its way to the task queue. */
  settling: boolean
  versions: WorkerVersion[]
  /** What a change must name: it is refused when somebody else has changed something since. */
  token?: Uint8Array
}

/** A workflow that a version must complete before it is trusted; `id` is its workflow id. */
export type Gate = { workflow: string; id: string; buildId: string; timeoutMs: number }

/** Temporal's record of worker versions. Errors: it does not answer, or refuses. */
export interface Versions {
  /** Undefined where the server does not know versions. Errors: no answer, within `limitMs` if it is given. */
  look(limitMs?: number): Promise<Routing | undefined>
  makeCurrent(buildId: string, token?: Uint8Array): Promise<void>
  /** Runs the gate on its version. Errors: it fails, or does not end in time. */
  gate(gate: Gate): Promise<void>
  /** Hands running workflows of a version to the current one, those named left out. Resolves with how many. */
  release(buildId: string, except?: readonly string[]): Promise<number>
  /** Forgets a version that nobody needs. */
  remove(buildId: string): Promise<void>
}

/** Time, in milliseconds; `now` never goes back, `date` is the wall clock. */
export interface Clock {
  now(): number
  date(): Date
  /** Ends early, and well, when `until` is aborted. */
  sleep(ms: number, until?: AbortSignal): Promise<void>
}
