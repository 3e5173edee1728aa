import { AttemptFailed } from './recorder.ts'

/** What one subscriber saw of the event log over all its connections: every id after `from` up to `to`. */
export class Trail {
  readonly subscriber: string
  readonly received = new Set<number>()
  #from: number | undefined
  #to = 0

  constructor(subscriber: string) {
    this.subscriber = subscriber
  }

  /** The position to resume from; undefined before the first greeting. */
  get lastId(): number | undefined {
    return this.#from === undefined ? undefined : this.#to
  }

  get from(): number {
    return this.#from ?? 0
  }

  get to(): number {
    return this.#to
  }

  /** The position the server names at the start; on a resumed connection ours counts, not its. */
  greeted(id: number): void {
    if (this.#from !== undefined) return
    this.#from = id
    this.#to = id
  }

  /** The server says how far we have come: what it has not sent up to there is not ours to see. */
  moved(id: number): void {
    if (this.#from !== undefined && id > this.#to) this.#to = id
  }

  /** Notes an event. Ids must ascend: a repeated one would be handled twice, one from the past came late. */
  saw(id: number): void {
    if (!Number.isSafeInteger(id)) throw new AttemptFailed('stream', `event without a usable id: ${id}`)
    if (this.#from === undefined) throw new AttemptFailed('stream', `event ${id} before the greeting`)
    if (id <= this.#to) throw new AttemptFailed('stream', `event ${id} after event ${this.#to}`)
    this.received.add(id)
    this.#to = id
  }
}
