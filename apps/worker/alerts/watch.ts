import type { Log } from '../../core/log.ts'
import { AlertBook, type AlertChange, type Reading } from './book.ts'
import type { Source } from './readings.ts'

export type WatchParts = {
  sources: Source[]
  /** Whether this process is the one that watches; never rejects. */
  leads: () => Promise<boolean>
  /** Tells somebody outside; may reject. Not given: the log has it. */
  tell?: ((change: AlertChange, now: Date) => Promise<void>) | undefined
  log: Pick<Log, 'info' | 'warn' | 'error'>
  now?: () => Date
}

/** A source that cannot be looked at for so many looks in a row is an alert itself. */
const BLIND_LOOKS = 5

/**
 * Looks at background work and says when it fails or piles up, and when that is over. One process of all watches; what
 * it knows is in its memory, so whoever takes over says once more what still stands.
 */
export class AlertWatch {
  readonly #parts: Required<Omit<WatchParts, 'tell'>> & Pick<WatchParts, 'tell'>
  #book = new AlertBook()
  #blind = new Map<string, number>()
  #untold: AlertChange[] = []
  #looking: Promise<void> | undefined

  constructor(parts: WatchParts) {
    this.#parts = { now: () => new Date(), ...parts }
  }

  /** One look; a second one at the same time is the same. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    const { leads, now } = this.#parts
    if (!(await leads())) {
      // Whoever leads now has a book of its own.
      this.#book = new AlertBook()
      this.#blind.clear()
      this.#untold = []
      return
    }
    const at = now()
    const readings = await Promise.all(this.#parts.sources.map((source) => this.#read(source, at)))
    for (const change of this.#book.note(readings.flat(), at)) this.#say(change)
    await this.#tellAll(at)
  }

  async #read(source: Source, now: Date): Promise<Reading[]> {
    const found = await source.read(now).catch((error) => {
      if (!this.#blind.has(source.name))
        this.#parts.log.warn({ err: error }, `cannot look at: ${source.name}`)
      return undefined
    })
    const looks = found ? 0 : (this.#blind.get(source.name) ?? 0) + 1
    if (found) this.#blind.delete(source.name)
    else this.#blind.set(source.name, looks)
    const alert = `blind.${source.name.replaceAll(' ', '-')}`
    const text = `looks in a row found nothing out about: ${source.name}`
    return [...(found ?? []), { ...{ alert, value: looks, text }, raiseAt: BLIND_LOOKS, clearBelow: 1 }]
  }

  #say(change: AlertChange): void {
    const { alert, state, value, raiseAt, since } = change
    const line = { alert, state, value, limit: raiseAt, since }
    const words = `alert ${state}: ${alert}: ${value} ${change.text}`
    if (state === 'raised') this.#parts.log.error(line, words)
    else this.#parts.log.info(line, words)
    if (this.#parts.tell) this.#untold.push(change)
  }

  /** In their order; what could not be told is tried again at the next look. */
  async #tellAll(now: Date): Promise<void> {
    const { tell, log } = this.#parts
    if (!tell) return
    for (let change = this.#untold[0]; change; change = this.#untold[0]) {
      try {
        await tell(change, now)
      } catch (error) {
        log.warn({ err: error, alert: change.alert }, 'an alert could not be passed on: trying again')
        return
      }
      this.#untold.shift()
    }
  }
}
