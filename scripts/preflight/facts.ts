import type { Entry } from '../deploy/journal.ts'
import type { ApplicationImage } from '../docker/application-image.ts'
import { KitError } from '../errors.ts'
import type { HookProblem } from '../hooks/run.ts'
import type { KitSettings } from '../settings/kit-settings.ts'
import type { StackEnv } from '../settings/stack-env.ts'
import type { Observed } from '../status/observe.ts'
import type { Report } from '../status/report.ts'
import type { Point } from '../verify/point.ts'

/** Free room of a file system. Bytes; `inodes` is undefined where the file system has no fixed number of them. */
export type Space = { path: string; free: number; inodes: number | undefined }

/** A service of docker-compose.yml after Compose has resolved it. */
export type Service = {
  name: string
  image: string
  /** Compose can build it itself. */
  builds: boolean
  replicas: number
  /** Bytes; 0 when there is none. */
  memoryLimit: number
  stopGraceMs: number
  environment: Record<string, string>
}

/** Where an image is to be had. */
export type Whereabouts =
  | { reference: string; where: 'here' | 'registry' }
  | { reference: string; where: 'nowhere'; why: string }

/** The image to deploy, or the one that serves. */
export type Candidate = {
  whereabouts: Whereabouts
  image: ApplicationImage | undefined
  /** Bytes that one such image takes: its own size, or that of the one that serves. */
  size: number
  /** Named by the operator, rather than the one that serves. */
  asked: boolean
}

/** What PM2 is told about the processes of one container; `pool` where an application has another than the image. */
export type Processes = {
  service: string
  apps: { instances: number; pool?: number }[]
  killTimeoutMs: number
}

export type PortFact = { name: string; port: number; use: 'free' | 'ours' | 'foreign' }

export type DatabaseLimits = {
  max: number
  /** Slots that the application's roles cannot use. */
  reserved: number
  /** Connections of roles that are not this stack's, now. */
  others: number
  /** Milliseconds by which the database's clock is ahead of this host's. */
  aheadMs: number
}

export type SettingsFiles = { env: Record<string, string>; app: Record<string, string>; example: string }

export type FactValues = {
  engine: { version: string; client: string }
  compose: string
  engineDisk: Space
  projectDisk: Space
  /** Bytes that processes can still get, and those that the application's containers hold and would give back. */
  memory: { available: number; held: number }
  kitSettings: KitSettings
  env: StackEnv
  files: SettingsFiles
  /** Variables of this shell that Compose would prefer to those in `.env`. */
  exported: string[]
  /** What would go wrong with executables in hooks/. */
  hooks: HookProblem[]
  modes: { file: string; mode: number }[]
  services: Service[]
  candidate: Candidate
  /** Variables that the image declares; none when it is not on this host. */
  declared: Record<string, string>
  /** Images of the other services. */
  images: Whereabouts[]
  contract: Point[]
  /** What `haproxy -c` said. */
  edgeCheck: { accepted: boolean; output: string }
  edgeConfiguration: string
  processes: Processes[]
  database: DatabaseLimits
  clock: { now: number; newestEntry?: number; imageCreated?: number; databaseAheadMs?: number }
  ports: PortFact[]
  lock: { held: boolean; owner: string }
  journal: Entry[]
  drift: { drift: Report['drift']; edge: Observed['running'] }
}

export type FactName = keyof FactValues

/** Why a fact could not be had, in the form of a finding. */
export type Lack = { what: string; why: string; next: string }

export type Fact<T> = { value: T } | { missing: Lack }
export type Facts = { [Name in FactName]: Fact<FactValues[Name]> }

/** Waits for a fact; an error becomes the reason why it is missing. */
export async function fact<T>(look: () => Promise<T> | T): Promise<Fact<T>> {
  try {
    return { value: await look() }
  } catch (error) {
    const { message } = error as Error
    const { why, next } = error instanceof KitError ? error : {}
    return {
      missing: { what: message, why: why ?? 'this cannot be checked', next: next ?? './ecomweb status' },
    }
  }
}
