import type { Counters, Sample } from '../../../../scripts/analysis/types.ts'
import type { Answer, Http, HttpOptions } from '../../../../scripts/ports.ts'
import type { Colour } from '../../../../scripts/stack/colours.ts'
import type { FakeClock } from './fake-clock.ts'

/** How a colour behaves. */
export type Behaviour = {
  /** Users' requests a second. */
  rate: number
  /** The n-th answer, to users or probes: is it an error, and how many ms did it take? */
  answer(n: number): { error: boolean; ms: number }
  /** The same of a probe, by its method and path. */
  probe?(method: string, path: string): Answer | undefined
}

/** Latencies like a shop's: most around 5 ms, a tail up to 60. */
export const usual = (n: number): number =>
  3 + ((n * 7919) % 5) + (n % 13 === 0 ? 20 : 0) + (n % 97 === 0 ? 40 : 0)

export const healthy = (rate: number): Behaviour => ({
  rate,
  answer: (n) => ({ error: false, ms: usual(n) }),
})

/** Both colours behind HAProxy, with its counters. Users come evenly; `reset` sets the counters to nothing. */
export class FakeEdge implements Http {
  readonly requests: { colour: string; method: string; path: string; options: HttpOptions; at: number }[] = []
  readonly edgeErrors: Record<Colour, number> = { blue: 0, green: 0 }
  #since = 0
  readonly #probes: Record<Colour, { errors: number; latency: number[] }> = {
    blue: { errors: 0, latency: [] },
    green: { errors: 0, latency: [] },
  }
  readonly #clock: FakeClock
  readonly #colours: Record<Colour, Behaviour>

  constructor(clock: FakeClock, colours: Record<Colour, Behaviour>) {
    this.#clock = clock
    this.#colours = colours
  }

  reset(): void {
    this.#since = this.#clock.now()
    for (const one of Object.values(this.#probes)) Object.assign(one, { errors: 0, latency: [] })
  }

  sample(): Sample {
    const colour = (name: Colour) => ({ users: this.#users(name), probes: this.#counted(name) })
    return {
      at: this.#clock.now(),
      colours: { blue: colour('blue'), green: colour('green') },
      edgeErrors: { ...this.edgeErrors },
    }
  }

  async request(_port: number, path: string, options: HttpOptions = {}): Promise<Answer> {
    const colour = options.headers?.['x-ecomweb-colour'] as Colour
    const { method = 'GET' } = options
    const behaviour = this.#colours[colour]
    this.requests.push({ colour, method, path, options, at: this.#clock.now() })
    const counted = this.#probes[colour]
    const { error, ms } = behaviour.answer(counted.latency.length)
    await this.#clock.sleep(ms)
    const answer = behaviour.probe?.(method, path) ?? { status: error ? 500 : 200, headers: {}, body: '{}' }
    counted.latency.push(ms)
    counted.errors += Number(answer.status >= 500)
    return answer
  }

  #users(colour: Colour): Counters {
    const { rate, answer } = this.#colours[colour]
    const count = Math.floor(((this.#clock.now() - this.#since) / 1000) * rate)
    const answers = Array.from({ length: count }, (_, n) => answer(n))
    return counters(
      answers.filter(({ error }) => error).length,
      answers.map(({ ms }) => ms),
    )
  }

  #counted = (colour: Colour): Counters => counters(this.#probes[colour].errors, this.#probes[colour].latency)
}

export function counters(serverErrors: number, latencies: number[]): Counters {
  const latency = new Map<number, number>()
  for (const ms of latencies) latency.set(Math.floor(ms), (latency.get(Math.floor(ms)) ?? 0) + 1)
  return { responses: latencies.length, serverErrors, latency }
}
