import { Histogram } from './histogram.ts'
import type { Move } from './switches.ts'

/** The kinds of client in the mixed load, in the order in which a report lists them. */
export const LOAD_CLASSES = [
  'keep-alive',
  'new-connection',
  'order',
  'look-up',
  'slow',
  'upload',
  'event-stream',
  'websocket',
] as const
export type LoadClass = (typeof LOAD_CLASSES)[number]

/** Where an attempt failed: before the connection stood, before or in the answer, by its content, in a stream. */
export type Phase = 'connect' | 'response' | 'body' | 'answer' | 'stream' | 'client'

/** What a client throws when its attempt failed; anything else thrown is a defect of the client itself. */
export class AttemptFailed extends Error {
  readonly phase: Phase
  /** The colour whose answer broke off, if it had begun. */
  readonly servedBy: string | undefined

  constructor(phase: Phase, reason: string, servedBy?: string) {
    super(reason)
    this.name = 'AttemptFailed'
    this.phase = phase
    this.servedBy = servedBy
  }
}

/** `servedBy`: the colour that failed; absent where no answer named any, as when the edge answers by itself. */
export type Failure = {
  class: LoadClass
  begun: number
  at: number
  phase: Phase
  reason: string
  servedBy?: string
}

/** One quick request and the colour that answered it: what the moments of the switches are read from. */
export type Sample = { begun: number; ended: number; servedBy: string }

export type Tally = {
  begun: number
  ok: number
  failed: number
  latency: Histogram
  servedBy: Record<string, number>
}

/** Handed to a client for one attempt. */
export type Attempt = {
  /** Marks the answer: its colour, and for a stream the end of the latency that counts. */
  answered(servedBy: string | undefined): void
}

type Clock = () => number
/** Epoch ms with fractions. */
const wallClock: Clock = () => performance.timeOrigin + performance.now()

/** Counts every attempt of every class: begun, ended well or failed, how fast, and answered by which colour. */
export class Recorder {
  readonly tallies = new Map<LoadClass, Tally>()
  readonly failures: Failure[] = []
  readonly samples: Sample[] = []
  /** The commands that moved traffic meanwhile, if whoever gives them says so. */
  readonly moves: Move[] = []
  /** Times (epoch ms) at which attempts began, ascending. */
  readonly begins: number[] = []
  readonly #now: Clock

  constructor(now: Clock = wallClock) {
    this.#now = now
    for (const name of LOAD_CLASSES) {
      this.tallies.set(name, { begun: 0, ok: 0, failed: 0, latency: new Histogram(), servedBy: {} })
    }
  }

  /** Runs one attempt and records its outcome; false if it failed. Never throws. */
  async attempt(name: LoadClass, run: (attempt: Attempt) => Promise<void>): Promise<boolean> {
    const tally = this.tally(name)
    const begun = this.#now()
    let answeredAt: number | undefined
    let colour: string | undefined
    tally.begun += 1
    this.begins.push(begun)
    const answered = (servedBy: string | undefined): void => {
      answeredAt = this.#now()
      colour = servedBy
      if (servedBy === undefined) return
      tally.servedBy[servedBy] = (tally.servedBy[servedBy] ?? 0) + 1
      if (name === 'keep-alive' || name === 'new-connection')
        this.samples.push({ begun, ended: answeredAt, servedBy })
    }
    try {
      await run({ answered })
      tally.ok += 1
      tally.latency.add((answeredAt ?? this.#now()) - begun)
      return true
    } catch (error) {
      tally.failed += 1
      const known = error instanceof AttemptFailed
      const servedBy = colour ?? (known ? error.servedBy : undefined)
      this.failures.push({
        ...(servedBy !== undefined && { servedBy }),
        class: name,
        begun,
        at: this.#now(),
        phase: known ? error.phase : 'client',
        reason: known ? error.message : String(error),
      })
      return false
    }
  }

  /** Runs a command that moves all traffic to a colour, and notes when it did. */
  async moving<T>(to: string, command: () => Promise<T>): Promise<T> {
    const start = this.#now()
    const result = await command()
    this.moves.push({ to, start, end: this.#now() })
    return result
  }

  tally(name: LoadClass): Tally {
    const tally = this.tallies.get(name)
    if (!tally) throw new Error(`unknown load class ${name}`)
    return tally
  }
}
