import { widthOf } from '../../scripts/analysis/statistics.ts'
import type { Audience, Counters, Sample } from '../../scripts/analysis/types.ts'
import { COLOURS, type Colour, other } from '../../scripts/stack/colours.ts'
import type { Random } from './random.ts'
import { answers, bucketOf, type Recording, type Second } from './recording.ts'
import type { Release } from './releases.ts'

export type Traffic = {
  /** Users' requests a second, to both colours together. */
  users: number
  /** Answers to probes a second, by each colour, undoing included. */
  probes: number
}

/** Seconds that are taken together from a recording, so that what lasts for seconds does so here. */
const BLOCK_S = 10

type Totals = Record<
  Colour,
  Record<Audience, { responses: number; errors: number; latency: Map<number, number> }>
>

/**
 * HAProxy's counters during a rollout, made from blocks of a recording (moving block bootstrap, H. R. Künsch 1989)
 * that are thinned to the rate in question. In one rollout `green` is new; which colour of the recording plays it is
 * drawn.
 */
export class SimulatedEdge {
  /** Share of users that the new colour has, 0..1. */
  weight = 0
  probing = false
  #now = 0
  #block = { from: 0, left: 0 }
  #served = 0
  readonly #recording: Recording
  readonly #release: Release
  readonly #traffic: Traffic
  readonly #random: Random
  readonly #swapped: boolean
  readonly #rate: number
  readonly #totals: Totals

  constructor(recording: Recording, release: Release, traffic: Traffic, random: Random) {
    this.#recording = recording
    this.#release = release
    this.#traffic = traffic
    this.#random = random
    this.#swapped = random.next() < 0.5
    const all = recording.seconds.reduce((sum, { blue, green }) => sum + answers(blue) + answers(green), 0)
    this.#rate = all / recording.seconds.length / COLOURS.length
    const zero = () => ({ responses: 0, errors: 0, latency: new Map() })
    this.#totals = {
      blue: { users: zero(), probes: zero() },
      green: { users: zero(), probes: zero() },
    }
  }

  /** Virtual time: it passes only here, second by second. */
  readonly clock = {
    now: () => this.#now,
    date: () => new Date(this.#now),
    sleep: async (ms: number) => {
      for (const end = this.#now + ms; this.#now < end; this.#now += 1000) this.#second()
    },
  }

  sample(): Sample {
    const counters = ({ responses, errors, latency }: Totals[Colour][Audience]): Counters => ({
      responses,
      serverErrors: errors,
      latency: new Map(latency),
    })
    const of = (colour: Colour) => ({
      users: counters(this.#totals[colour].users),
      probes: counters(this.#totals[colour].probes),
    })
    return {
      at: this.#now,
      colours: { blue: of('blue'), green: of('green') },
      edgeErrors: { blue: 0, green: 0 },
    }
  }

  #second(): void {
    const { seconds } = this.#recording
    if (this.#block.left === 0) {
      this.#block = { from: this.#random.below(Math.max(1, seconds.length - BLOCK_S)), left: BLOCK_S }
    }
    const second = seconds[this.#block.from % seconds.length] as Record<Colour, Second>
    this.#block.from += 1
    this.#block.left -= 1
    for (const colour of COLOURS) {
      const recorded = second[this.#swapped ? other(colour) : colour]
      const share = colour === 'green' ? this.weight : 1 - this.weight
      this.#answer(colour, 'users', recorded, (this.#traffic.users * share) / this.#rate)
      if (this.probing) this.#answer(colour, 'probes', recorded, this.#traffic.probes / this.#rate)
    }
  }

  #answer(colour: Colour, audience: Audience, second: Second, times: number): void {
    const totals = this.#totals[colour][audience]
    const isNew = colour === 'green'
    const slower = isNew ? this.#release.slower * this.#cold() : 1
    const given = this.#random.thin(answers(second), times)
    for (let one = 0; one < given; one += 1) {
      const recorded = this.#draw(second)
      const spread = recorded + widthOf(recorded) * this.#random.next()
      const bucket = slower < 1.01 ? recorded : bucketOf(spread * slower)
      totals.latency.set(bucket, (totals.latency.get(bucket) ?? 0) + 1)
    }
    const old = Math.min(given, this.#random.thin(second.errors, times))
    const added = isNew ? this.#random.binomial(given - old, this.#release[audience]) : 0
    totals.responses += given
    totals.errors += old + added
    if (isNew) this.#served += given
  }

  /** The latency of one of the answers of a second, each as likely as the other. */
  #draw({ latency }: Second): number {
    let at = this.#random.below(latency.reduce((sum, [, count]) => sum + count, 0))
    for (const [ms, count] of latency) {
      at -= count
      if (at < 0) return ms
    }
    return 0
  }

  /** A cold process is up to five times as slow and gets over it within some 200 answers. */
  #cold(): number {
    return 1 + 4 * Math.exp(-this.#served / 50)
  }
}
