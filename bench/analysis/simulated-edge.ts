import type { Audience, Counters, Sample } from '../../scripts/analysis/types.ts'
import { COLOURS, type Colour, other } from '../../scripts/stack/colours.ts'
import type { Random } from './random.ts'
import { answers, type Recording, type Second } from './recording.ts'
import type { Release } from './releases.ts'

export type Traffic = {
  /** Users' requests a second, to both colours together. */
  users: number
  /** Answers to probes a second, by each colour, undoing included. */
  probes: number
}

/** Seconds that are taken together from a recording, so that what lasts for seconds does so here. */
const BLOCK_S = 10

type Totals = Record<Colour, Record<Audience, { responses: number; errors: number; latency: number[] }>>

/**
 * HAProxy's counters during a rollout, made from blocks of a recording (moving block bootstrap, H. R. Künsch 1989),
 * each answer a Poisson number of times (Poisson bootstrap), so that any rate can be had. In one rollout `green`
 * is new; which colour of the recording plays it is drawn.
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
    const zero = () => ({ responses: 0, errors: 0, latency: recording.bounds.map(() => 0) })
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
      latency: new Map(this.#recording.bounds.map((bound, at) => [bound, latency[at] ?? 0])),
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

  #answer(colour: Colour, audience: Audience, { errors, latency }: Second, times: number): void {
    const totals = this.#totals[colour][audience]
    const isNew = colour === 'green'
    const slower = isNew ? this.#release.slower * this.#cold() : 1
    let given = 0
    for (const [bucket, count] of stretch(latency, this.#recording.bounds, slower).entries()) {
      const drawn = this.#random.poisson(count * times)
      totals.latency[bucket] = (totals.latency[bucket] ?? 0) + drawn
      given += drawn
    }
    const old = Math.min(given, this.#random.poisson(errors * times))
    const added = isNew ? this.#random.binomial(given - old, this.#release[audience]) : 0
    totals.responses += given
    totals.errors += old + added
    if (isNew) this.#served += given
  }

  /** A cold process is up to five times as slow and gets over it within some 200 answers. */
  #cold(): number {
    return 1 + 4 * Math.exp(-this.#served / 50)
  }
}

/** A histogram of answers that take `times` as long, each bucket's answers being spread evenly over it. */
function stretch(latency: number[], bounds: number[], times: number): number[] {
  if (times < 1.01) return latency
  const stretched = bounds.map(() => 0)
  const end = (at: number): number => bounds[at + 1] ?? Number.POSITIVE_INFINITY
  for (const [at, count] of latency.entries()) {
    if (count === 0) continue
    const from = (bounds[at] as number) * times
    const to = Math.min(end(at), (bounds[at] as number) * 2 + 1) * times
    for (const [into, bound] of bounds.entries()) {
      const overlap = Math.min(to, end(into)) - Math.max(from, bound)
      if (overlap > 0) stretched[into] = (stretched[into] as number) + (count * overlap) / (to - from)
    }
  }
  return stretched
}
