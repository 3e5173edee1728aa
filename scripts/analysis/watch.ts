import type { Ports } from '../ports.ts'
import type { Colour } from '../stack/colours.ts'
import { Evidence } from './evidence.ts'
import { Looks } from './looks.ts'
import { type Probing, type ProbingOptions, startProbes } from './probing.ts'
import type { Rules } from './rules.ts'
import type { Counters, Sample, Watched } from './types.ts'
import { type Judgement, judge } from './verdict.ts'

export type WatchOptions = {
  /** Its name in the record, such as `canary 25 %` or `soak`. */
  phase: string
  /** How long to watch. */
  ms: number
  /** From one look to the next, in ms. */
  interval: number
  newColour: Colour
  rules: Rules
  /** HAProxy's counters now. Errors: it cannot be asked. */
  sample(): Promise<Sample>
  /** What is wrong with the new colour's containers, in words; undefined when nothing is. */
  health?(): Promise<string | undefined>
  /** Sent while either colour has fewer than `below` answers to users a second; 0: never. */
  probes?: ProbingOptions & { below: number }
  /** Shared by the phases of one rollout; await its `settled()` after the last. */
  evidence?: Evidence
  signal: AbortSignal
}

/** How many looks in a row may fail before that is an error: a reload or restart of HAProxy takes less. */
const MISSED_LOOKS = 5
/** The rate of users is taken over this time (ms). */
const TRAFFIC_MS = 5000

/**
 * Watches both colours for one phase of a rollout and ends early when the new one fails. A phase begins anew after
 * HAProxy's counters did, and goes on while its end is suspicious; either way it takes at most twice its time.
 * `inconclusive` is for the caller's policy to decide. Errors: cancelled by `signal`; HAProxy cannot be asked for
 * several looks in a row.
 */
export async function watch(ports: Pick<Ports, 'http' | 'clock'>, options: WatchOptions): Promise<Watched> {
  const { probes, evidence = new Evidence() } = options
  const probing = probes && probes.below > 0 ? startProbes(ports, probes) : undefined
  try {
    return await watchWith(ports, { ...options, evidence }, probing)
  } finally {
    if (probing) evidence.leave(probing.stop())
  }
}

/** The same with a sender of probes that the caller starts and stops. */
export async function watchWith(
  { clock }: Pick<Ports, 'clock'>,
  options: Omit<WatchOptions, 'probes'> & { probes?: { below: number } },
  probing: Pick<Probing, 'want' | 'unseen'> | undefined,
): Promise<Watched> {
  const { phase, ms, interval, newColour, rules, health, signal, evidence = new Evidence() } = options
  const { warmUp, partMs } = rules.latency
  const of = Math.max(1, Math.round(ms / interval))
  const start = clock.now()
  const latest = start + 2 * ms
  let end = start + ms
  let count = 0
  let restarts = 0

  const looks = new Looks(await look(clock, options, probing))
  const parts = () => {
    const cold = Math.max(0, warmUp - evidence.answers(newColour))
    return {
      latency: looks.latencyParts(newColour, cold, partMs),
      parts: looks.parts(partMs),
      steps: [...looks.steps],
    }
  }
  const judgeLooks = (): Judgement => {
    const look = { at: Math.max(1, looks.size), of }
    const now = parts()
    const all = {
      latency: [...evidence.latency, ...now.latency],
      parts: [...evidence.parts, ...now.parts],
      steps: { now: now.steps, all: [...evidence.steps, ...now.steps] },
    }
    return judge(looks.window(), { newColour, rules, look, past: evidence.past, ...all })
  }
  for (;;) {
    probing?.want(looks.traffic(TRAFFIC_MS) < (options.probes?.below ?? 0))
    await clock.sleep(interval)
    signal.throwIfAborted()
    count += 1
    if (looks.add(await look(clock, options, probing)) === 'reset') {
      restarts += 1
      end = Math.min(latest, clock.now() + ms)
    }
    const { suspicious, ...judged } = judgeLooks()
    const ill = await health?.()
    const verdict = ill === undefined ? judged : { ...judged, verdict: 'fail' as const, reason: ill }
    const over = clock.now() >= end
    if (over && suspicious && verdict.verdict !== 'fail') end = latest
    if (verdict.verdict === 'fail' || clock.now() >= end) {
      evidence.add(looks.window(), parts())
      return { phase, ...verdict, ms: Math.round(clock.now() - start), looks: count, restarts }
    }
  }
}

/** One look; what HAProxy cannot see of the probes is added. A look that failed is made again. */
async function look(
  clock: Ports['clock'],
  { sample, interval, signal }: Pick<WatchOptions, 'sample' | 'interval' | 'signal'>,
  probing: Pick<Probing, 'unseen'> | undefined,
): Promise<Sample> {
  for (let missed = 1; ; missed += 1) {
    try {
      return withUnseen(await sample(), probing)
    } catch (error) {
      if (missed >= MISSED_LOOKS) throw error
      await clock.sleep(interval)
      signal.throwIfAborted()
    }
  }
}

function withUnseen(seen: Sample, probing: Pick<Probing, 'unseen'> | undefined): Sample {
  if (!probing) return seen
  const unseen = probing.unseen()
  const of = (colour: Colour): Sample['colours'][Colour] => {
    const { users, probes } = seen.colours[colour]
    const { errors, unanswered } = unseen[colour]
    const all: Counters = {
      responses: probes.responses + unanswered,
      serverErrors: probes.serverErrors + errors,
      latency: probes.latency,
    }
    return { users, probes: all }
  }
  return { ...seen, colours: { blue: of('blue'), green: of('green') } }
}
