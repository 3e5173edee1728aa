import type { Access } from './access.ts'
import type { Recorder } from './recorder.ts'

/** What every client of the load is given. */
export type Target = {
  /** Base URL of the edge; clients only ever talk to it. */
  url: URL
  access: Access
  recorder: Recorder
  stop: AbortSignal
  /** Distinguishes this run's orders and uploads from all others. */
  run: string
}

/** How many clients of a class, and how many attempts per second they make together. */
export type Crowd = { workers: number; perSecond: number }

/** How many streams are open at a time, and how long each connection lives on average. */
export type Streams = { clients: number; lifeMs: number }
