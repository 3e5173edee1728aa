type Event = { time: number; order: number; run: () => void }

/**
 * Virtual time: a queue of what happens when. Between two events every promise that can go on does so, hence what
 * happens depends on the queue alone.
 */
export class Scheduler {
  /** Milliseconds since the simulation began. */
  now = 0
  #order = 0
  readonly #heap: Event[] = []

  after(ms: number, run: () => void): void {
    this.#push({ time: this.now + ms, order: this.#order++, run })
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** Lets events happen, in order, until `over`, or until nothing is left that could happen. */
  run(over: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = () => {
        try {
          const event = over() ? undefined : this.#pop()
          if (!event) return resolve()
          this.now = event.time
          event.run()
        } catch (error) {
          return reject(error)
        }
        queueMicrotask(later)
      }
      // Node runs a tick only when no microtask is left, so that every awaiting function has gone as far as it can.
      const later = () => process.nextTick(turn)
      later()
    })
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above] as Event
      if (!before(event, parent)) break
      heap[at] = parent
      at = above
    }
    heap[at] = event
  }

  #pop(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && before(heap[below + 1] as Event, heap[below] as Event)) below += 1
      const child = heap[below] as Event
      if (!before(child, last)) break
      heap[at] = child
      at = below
    }
    heap[at] = last
    return first
  }
}

const before = (a: Event, b: Event): boolean => a.time < b.time || (a.time === b.time && a.order < b.order)
