import type { Client } from '@temporalio/client'
import type { Env } from '../core/env.ts'
import type { Log } from '../core/log.ts'

type Temporal = Pick<Env, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'>

/** What this module needs of Temporal; tests give their own. */
export type WorkflowDriver = {
  start(orderId: string): Promise<unknown>
  ping(): Promise<void>
  /** Rejects, with the reason, while Temporal or its namespace is not there. */
  look(): Promise<void>
  close(): Promise<void>
}

const MOST_AT_ONCE = 64
const COOL_DOWN_MS = 2000

/**
 * Starts the workflows of orders, best effort. An order never waits for it: the worker's sweeper starts what was left
 * out here. So when Temporal fails, or is slower than orders come in, the rest is simply left to the sweeper.
 */
export class WorkflowStarter {
  #driver: WorkflowDriver
  #log: Log
  #now: () => number
  #underway = new Set<Promise<void>>()
  #pausedUntil = 0

  constructor(driver: WorkflowDriver, log: Log, now: () => number = Date.now) {
    this.#driver = driver
    this.#log = log
    this.#now = now
  }

  start(orderId: string): void {
    if (this.#underway.size >= MOST_AT_ONCE || this.#now() < this.#pausedUntil) return
    const start = this.#driver.start(orderId).then(
      () => {},
      (error) => {
        if (this.#now() >= this.#pausedUntil) {
          this.#log.warn({ err: error, orderId }, 'Temporal is away: the sweeper will start this order')
        }
        this.#pausedUntil = this.#now() + COOL_DOWN_MS
      },
    )
    this.#underway.add(start)
    void start.then(() => this.#underway.delete(start))
  }

  look(): Promise<void> {
    return this.#driver.look()
  }

  ping(): Promise<void> {
    return this.#driver.ping()
  }

  async close(): Promise<void> {
    await Promise.all(this.#underway)
    await this.#driver.close()
  }
}

/**
 * The real Temporal. Its client is by far the heaviest import, so it is loaded at the first use, which comes after the
 * process has begun to listen.
 */
export function temporalDriver(env: Temporal): WorkflowDriver {
  let opened:
    | Promise<{ client: Client; start: (client: Client, orderId: string) => Promise<unknown> }>
    | undefined
  const open = () => {
    opened ??= import('../core/temporal.ts').then(({ connectClient, startOrderWorkflow }) => ({
      client: connectClient(env),
      start: startOrderWorkflow,
    }))
    return opened
  }
  return {
    async start(orderId) {
      const { client, start } = await open()
      await start(client, orderId)
    },
    async ping() {
      const { client } = await open()
      await client.withDeadline(Date.now() + 1000, () => client.workflowService.getSystemInfo({}))
    },
    async look() {
      const { lookAtTemporal } = await import('../core/temporal-ready.ts')
      const missing = await lookAtTemporal(env)()
      if (missing) throw new Error(missing)
    },
    async close() {
      if (opened) await (await opened).client.connection.close()
    },
  }
}
