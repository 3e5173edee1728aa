import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import type { Log } from '../core/log.ts'
import { TASK_QUEUE } from '../core/temporal.ts'

/** The workflows' types, which are the names of their functions. */
export const PICTURE_WORKFLOW = 'makePictureSizes'
export const IMPORT_WORKFLOW = 'runProductImport'
export const CLEAN_UP_WORKFLOW = 'cleanUp'

const DEADLINE_MS = 2000

/** Work that is found by looking, each piece by its id, and done by a workflow of its own. */
export type Duty = {
  name: string
  find: () => Promise<string[]>
  /** Starts the workflow; `closed` if there was one before and it is over. */
  start: (id: string) => Promise<'started' | 'closed'>
}

/**
 * Starts what is missing. Nothing has to tell it of new work, so nothing is forgotten when Temporal or a process is away.
 * Any number of processes may look at the same time, since starting twice is harmless.
 */
export class DutySweeper {
  readonly #duties: { duty: Duty; started: Set<string>; failing: boolean }[]
  readonly #log: Pick<Log, 'info' | 'warn'>
  #sweeping: Promise<void> | undefined

  constructor(duties: Duty[], log: Pick<Log, 'info' | 'warn'>) {
    this.#duties = duties.map((duty) => ({ duty, started: new Set(), failing: false }))
    this.#log = log
  }

  /** One look; a second one at the same time is the same. Never fails: the next look tries again. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined
    })
    return this.#sweeping
  }

  async #sweep(): Promise<void> {
    for (const each of this.#duties) {
      const { duty, started } = each
      try {
        const found = await duty.find()
        for (const id of started) if (!found.includes(id)) started.delete(id)
        for (const id of found.filter((id) => !started.has(id))) {
          const outcome = await duty.start(id)
          started.add(id)
          this.#log.info({ duty: duty.name, id, outcome }, `${duty.name}: ${outcome}`)
        }
        each.failing = false
      } catch (error) {
        if (!each.failing) this.#log.warn({ err: error }, `cannot look for ${duty.name}: trying again`)
        each.failing = true
      }
    }
  }
}

/**
 * Starts a workflow of one argument under an id that is its own. One that is over is not started again, unless `again` says
 * that there is work as long as it is found.
 */
export const startOnce =
  (client: Client, type: string, prefix: string, again = false): Duty['start'] =>
  async (id) => {
    try {
      await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.start(type, {
          taskQueue: TASK_QUEUE,
          workflowId: `${prefix}-${id}`,
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: again ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
          args: [id],
        }),
      )
      return 'started'
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'closed'
      throw error
    }
  }
