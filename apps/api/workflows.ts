import type { Client } from '@temporalio/client'
import type { Env } from '../core/env.ts'
import type { OrderSignal, Step } from '../core/fulfilment.ts'
import type { Log } from '../core/log.ts'
import { type VersionSettings, versionOf } from '../core/worker-version.ts'

type Temporal = Pick<Env, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'> & VersionSettings

/** What this module needs of Temporal; tests give their own. */
export type WorkflowDriver = {
  start(orderId: string): Promise<unknown>
  takeBack(orderId: string, by: OrderSignal): Promise<unknown>
  progress(orderId: string): Promise<Step[]>
  ping(): Promise<void>
  /** Rejects, with the reason, while Temporal or its namespace is not there. */
  look(): Promise<void>
  close(): Promise<void>
}

const MOST_AT_ONCE = 64
const COOL_DOWN_MS = 2000

/**
 * Starts the workflows of orders and tells them what happens, best effort. An order never waits for it: the worker's
 * sweeper finds what was left out here. So when Temporal fails, or is slower than orders come in, the rest is simply
 * left to the sweeper.
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
    this.#attempt(orderId, () => this.#driver.start(orderId))
  }

  /** The order was taken back: its workflow stops, and what was paid goes back. */
  takeBack(orderId: string, by: OrderSignal): void {
    this.#attempt(orderId, () => this.#driver.takeBack(orderId, by))
  }

  /** How far an order is by its workflow's own account; undefined if that cannot be asked. */
  async progress(orderId: string): Promise<Step[] | undefined> {
    if (this.#paused) return undefined
    return this.#driver.progress(orderId).catch(() => undefined)
  }

  get #paused(): boolean {
    return this.#underway.size >= MOST_AT_ONCE || this.#now() < this.#pausedUntil
  }

  #attempt(orderId: string, act: () => Promise<unknown>): void {
    if (this.#paused) return
    const attempt = act().then(
      () => {},
      (error) => {
        if (this.#now() >= this.#pausedUntil) {
          this.#log.warn({ err: error, orderId }, 'Temporal is away: the sweeper will see to this order')
        }
        this.#pausedUntil = this.#now() + COOL_DOWN_MS
      },
    )
    this.#underway.add(attempt)
    void attempt.then(() => this.#underway.delete(attempt))
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
 * The real Temporal. What it starts belongs to the release of this process. Its client is by far the heaviest import, so it is loaded at the first use, which comes after the
 * process has begun to listen.
 */
export function temporalDriver(env: Temporal): WorkflowDriver {
  const version = versionOf(env)
  let opened: Promise<{ client: Client; temporal: typeof import('../core/temporal.ts') }> | undefined
  const open = () => {
    opened ??= import('../core/temporal.ts').then((temporal) => ({
      client: temporal.connectClient(env),
      temporal,
    }))
    return opened
  }
  return {
    async start(orderId) {
      const { client, temporal } = await open()
      await temporal.startOrderWorkflow(client, orderId, false, version)
    },
    async takeBack(orderId, by) {
      const { client, temporal } = await open()
      await temporal.takeBackOrder(client, orderId, by, version)
    },
    async progress(orderId) {
      const { client, temporal } = await open()
      return temporal.queryProgress(client, orderId)
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
