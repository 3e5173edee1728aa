/** What an image does once it runs. */
export type Behaviour =
  | 'good'
  /** Its API never says that it is ready. */
  | 'never ready'
  /** Its API ends a moment after it started, every time. */
  | 'crashing'
  /** Its API becomes ready and ends later, every time. */
  | 'dying'
  /** Ready, and wrong: a share of its answers are errors. */
  | 'erring'
  /** Its workers and cron end a moment after they started; its API is well. */
  | 'no background'

export type SimulatedImage = {
  id: string
  reference: string
  behaviour: Behaviour
  migrations: string[]
  /** A migration of it that PostgreSQL refuses; `undone` says whether nothing remains of it. */
  refused?: { name: string; undone: boolean }
  /** What its REPLAY_COMMAND finds; `undeclared` where it has none. */
  replay: 'passes' | 'fails' | 'undeclared'
  /** What it finds of all that runs on one version, where that differs. */
  replayOf?: Record<string, 'passes' | 'fails'>
  /** Its workers register versions, and it has a gate workflow. */
  versioned: boolean
  /** From the start of a container to readiness, in ms. */
  startMs: number
}

/** The answer of `docker image inspect`, as far as the kit reads it. */
export const inspectAnswer = ({ id, replay, versioned }: SimulatedImage): unknown => ({
  Id: id,
  Created: '2026-11-22T06:00:00.000000000Z',
  Config: {
    Env: [
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'READY_COMMAND=node apps/core/ready.ts',
      'MIGRATE_COMMAND=node apps/core/migrate.ts',
      'API_ENTRY=apps/api/server.ts',
      'CRON_ENTRY=apps/cron/main.ts',
      'WORKER_ENTRY=apps/worker/main.ts',
      ...(replay === 'undeclared' ? [] : ['REPLAY_COMMAND=node apps/worker/replay.ts']),
      ...(versioned ? ['GATE_WORKFLOW=releaseGate'] : []),
    ],
  },
})

/** The SQL of a migration; the simulation knows it by its name alone. */
export const migrationSql = (name: string): string => `SELECT '${name}';\n`

/** An id that looks like the engine's and tells which image it is. */
export const imageId = (number: number): string => `sha256:${number.toString(16).padStart(4, '0').repeat(16)}`

/** Such as `003_change`, in the order of numbers. */
export const migrationName = (number: number, what: string): string =>
  `${String(number).padStart(3, '0')}_${what}`

/** Whether a container of it can be ready for good. */
export const becomesReady = ({ behaviour, refused }: SimulatedImage, service: string): boolean =>
  service.includes('_api_')
    ? !refused && ['good', 'erring', 'no background'].includes(behaviour)
    : behaviour !== 'no background'
