import type { Log } from '../../core/log.ts'
import type { Failure } from '../replay/histories.ts'
import type { PinnedExecution } from './pinned.ts'
import { leads, livePollers, type Routing } from './pollers.ts'
import type { Replayed } from './replay.ts'

export type ReleaseParts = {
  /** The version of this process, `deployment:build`, and who it is among the processes of that version. */
  own: string
  identity: string
  see: () => Promise<Routing>
  /** Workflows that run pinned to other versions than these, those with runs that `skip` names left out. */
  find: (versions: Set<string>, skip: (runId: string) => boolean) => Promise<PinnedExecution[]>
  replay: (executions: PinnedExecution[]) => Promise<Replayed>
  release: (execution: PinnedExecution) => Promise<void>
  log: Pick<Log, 'info' | 'warn' | 'error'>
  now: () => number
  /** How long a version has to be without workers, in milliseconds. */
  goneMs?: number
}

const GONE_MS = 120_000

/**
 * Leaves no workflow with a version that nobody works for: one process of the current version looks for such workflows,
 * and releases those to the current version that its own code can go on with. The others keep waiting for their workers.
 */
export class WorkflowRelease {
  readonly #parts: ReleaseParts
  readonly #gone = new Map<string, number>()
  readonly #held = new Set<string>()
  #looking: Promise<void> | undefined
  #failing = false

  constructor(parts: ReleaseParts) {
    this.#parts = parts
  }

  /** One look; a second one at the same time is the same. Never rejects: the next one tries again. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .then(
        () => {
          this.#failing = false
        },
        (error) => {
          if (!this.#failing)
            this.#parts.log.warn({ err: error }, 'cannot look after old versions: trying again')
          this.#failing = true
        },
      )
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  async #look(): Promise<void> {
    const { own, identity, see, find, now } = this.#parts
    const routing = await see()
    if (routing.current !== own || !leads(identity, routing, own, now())) {
      this.#gone.clear()
      return
    }
    const live = new Set(livePollers(routing.pollers, now()).map(({ version }) => version))
    live.delete('') // no version: none is pinned to it
    const found = await find(live, (runId) => this.#held.has(runId))
    const due = this.#due(found)
    if (due.length > 0) await this.#release(due)
  }

  /** Those whose versions have been without workers for long enough, as far as this process has seen. */
  #due(found: PinnedExecution[]): PinnedExecution[] {
    const now = this.#parts.now()
    const versions = new Set(found.map(({ version }) => version))
    for (const version of this.#gone.keys()) if (!versions.has(version)) this.#gone.delete(version)
    for (const version of versions) if (!this.#gone.has(version)) this.#gone.set(version, now)
    const { goneMs = GONE_MS } = this.#parts
    return found.filter(({ version }) => now - (this.#gone.get(version) ?? now) >= goneMs)
  }

  async #release(due: PinnedExecution[]): Promise<void> {
    const { own, replay, release, log } = this.#parts
    const { passed, failed } = await replay(due)
    const releasable = due.filter(({ runId }) => passed.includes(runId))
    for (const failure of failed) {
      this.#held.add(failure.run_id)
      const version = due.find(({ runId }) => runId === failure.run_id)?.version
      log.error({ ...failure, version }, heldBack(failure, version ?? '', own))
    }
    for (const execution of releasable) await release(execution)
    if (releasable.length === 0) return
    const versions = [...new Set(releasable.map(({ version }) => version))]
    log.info(
      { versions, workflows: releasable.length },
      `released to ${own}: ${releasable.length} workflows without workers`,
    )
  }
}

function heldBack({ type, workflow_id, event, message }: Failure, version: string, own: string): string {
  const at = event ? ` at event ${event.id} (${event.type})` : ''
  return (
    `${type} ${workflow_id} waits for workers of ${version}: ${own} cannot go on with it${at}: ${message}. ` +
    'Start a worker of that version, or deploy a release that can go on with it'
  )
}
