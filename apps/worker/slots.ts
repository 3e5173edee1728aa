import type {
  ActivitySlotInfo,
  CustomSlotSupplier,
  SlotMarkUsedContext,
  SlotPermit,
  WorkerOptions,
} from '@temporalio/worker'

/** Where no task came for so long, none is likely to come just while the worker ends. */
const QUIET_MS = 5000

type Waiting = (permit: SlotPermit) => void

/**
 * As many activities at a time as given, until it is drained: from then on nobody asks Temporal for another task. A task
 * that the server gives to a poll which the ending worker takes back at that moment is begun there and nowhere else, and
 * is missed only when its time is over (a poll's task is marked as started before it is sent).
 */
export class ActivitySlots implements CustomSlotSupplier<ActivitySlotInfo> {
  readonly type = 'custom'
  readonly size: number
  #free: number
  #drained: (() => void) | undefined
  #usedAt = Number.NEGATIVE_INFINITY
  readonly #waiting = new Set<Waiting>()
  /** Permits of questions that are under way. */
  readonly #polling = new Set<SlotPermit>()
  readonly #now: () => number

  constructor(slots: number, now: () => number = () => performance.now()) {
    this.size = slots
    this.#free = slots
    this.#now = now
  }

  /** For a poll, of which one at a time is under way: whoever has asked needs no second answer to end. */
  reserveSlot(_: unknown, signal: AbortSignal): Promise<SlotPermit> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve)
      signal.addEventListener('abort', () => {
        this.#waiting.delete(resolve)
        reject(signal.reason)
      })
      this.#serve()
    })
  }

  /** For what Temporal may give with its answer to a workflow task. */
  tryReserveSlot(): SlotPermit | null {
    if (this.#drained || this.#free === 0) return null
    this.#free -= 1
    const permit = {}
    this.#polling.add(permit)
    return permit
  }

  markSlotUsed({ permit }: SlotMarkUsedContext<ActivitySlotInfo>): void {
    this.#usedAt = this.#now()
    this.#answered(permit)
  }

  releaseSlot({ permit }: { permit: SlotPermit }): void {
    this.#free += 1
    this.#answered(permit)
  }

  /** Resolves once no poll is under way, or at the limit (ms); at once where no task came for a while. */
  async drain(limitMs: number): Promise<void> {
    const over = Promise.withResolvers<void>()
    this.#drained = over.resolve
    if (this.#polling.size === 0 || this.#now() - this.#usedAt > QUIET_MS) return
    const timer = setTimeout(over.resolve, limitMs)
    await over.promise
    clearTimeout(timer)
  }

  #answered(permit: SlotPermit): void {
    this.#polling.delete(permit)
    if (this.#polling.size === 0) this.#drained?.()
    this.#serve()
  }

  #serve(): void {
    const [first] = this.#waiting
    if (!first || this.#polling.size > 0) return
    const permit = this.tryReserveSlot()
    if (!permit) return
    this.#waiting.delete(first)
    first(permit)
  }
}

/** A worker's options with these slots, and with as many for local activities. */
export const tuning = (
  slots: ActivitySlots,
): Pick<WorkerOptions, 'tuner' | 'activityTaskPollerBehavior'> => ({
  tuner: {
    activityTaskSlotSupplier: slots,
    localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: slots.size },
    // What Temporal's library takes where nothing is said.
    workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 40 },
    nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
  },
  // The fewer ask, the sooner all of them have their answer when the worker ends; each asks again at once.
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
})
