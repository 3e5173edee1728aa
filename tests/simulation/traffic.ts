import { COLOURS, type Colour } from '../../scripts/stack/colours.ts'
import type { Host } from './host.ts'

/** Requests of users a second. */
const RATE = 100
/** How many answers of an erring image are errors, and how long every answer takes, in ms. */
const [ERRING, LATENCY] = [0.3, 10]

type Counts = { answers: number; errors: number; refused: number }

/** Users, and HAProxy's counters of what they were answered; counted when somebody looks or the map changes. */
export class Traffic {
  #counts = fresh()
  #since = 0
  #rest: Record<Colour, number> = { blue: 0, green: 0 }
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  /** HAProxy counts from 0. */
  reset(): void {
    this.#counts = fresh()
    this.#since = this.#host.scheduler.now
  }

  counts(): Record<Colour, Counts> {
    this.flow()
    return this.#counts
  }

  /** What users did since the last time, with the map as it was meanwhile. */
  flow(): void {
    const { edge, scheduler, containers } = this.#host
    const seconds = (scheduler.now - this.#since) / 1000
    this.#since = scheduler.now
    const [active, canary] = edge.routed()
    if (active === undefined) return
    const share = canary === undefined ? 0 : Number(edge.map.get('weight')) / 100
    for (const [colour, part] of [
      [active, 1 - share],
      [canary, share],
    ] as const) {
      if (colour === undefined) continue
      this.#rest[colour] += RATE * seconds * part
      const requests = Math.floor(this.#rest[colour])
      this.#rest[colour] -= requests
      const counts = this.#counts[colour]
      const container = containers.api(colour)
      if (!container?.ready) counts.refused += requests
      else {
        counts.answers += requests
        if (container.image.behaviour === 'erring') counts.errors += Math.round(requests * ERRING)
      }
    }
  }

  /** `show table answers`: a row for each latency, four counters for each colour. */
  table(): string {
    const counts = this.counts()
    const cells = COLOURS.flatMap((colour) => [counts[colour].answers, counts[colour].errors, 0, 0])
    const row = `0x7f2b1c0a4f20: key=${LATENCY} use=0 exp=0 shard=0 ${cells.map((cell, index) => `gpc${index}=${cell}`).join(' ')}`
    return `# table: answers, type: integer, size:512, used:1\n${row}\n`
  }
}

const fresh = (): Record<Colour, Counts> => ({
  blue: { answers: 0, errors: 0, refused: 0 },
  green: { answers: 0, errors: 0, refused: 0 },
})
