import type { Answer, Ports } from '../ports.ts'
import { COLOURS, type Colour } from '../stack/colours.ts'
import { isExpected, type Probe, probeRequest, undoProbe } from './probes.ts'

export type ProbingOptions = {
  probes: Probe[]
  /** Of the edge. */
  port: number
  /** Opens the preview, by which one colour is asked. */
  token: string
  /** Probes a second to each colour. */
  rate: number
  /** A new identifier, different each time. */
  id: () => string
  timeoutMs?: number
}

/**
 * What HAProxy does not count as an error of the application: a wrong status below 500, a probe that could not be
 * taken back, and requests that got no answer at all, which it does not count as an answer either.
 */
export type Unseen = { errors: number; unanswered: number }

export type Probing = {
  /** Goes on or rests; it begins at rest. */
  want(on: boolean): void
  /** So far. */
  unseen(): Record<Colour, Unseen>
  /** Sends nothing more and resolves when every probe under way is answered and taken back. */
  stop(): Promise<void>
}

/** How many unanswered probes a colour may have, in seconds of its rate: a hanging one is not buried in more. */
const IN_FLIGHT_SECONDS = 2
/** At rest and at low rates the sender looks this often (ms) whether it is wanted or to stop. */
const NAP_MS = 200

/** Sends every probe to both colours, in turn, so that both are asked the same under the same conditions. */
export function startProbes(
  { http, clock }: Pick<Ports, 'http' | 'clock'>,
  { probes, port, token, rate, id, timeoutMs = 5000 }: ProbingOptions,
): Probing {
  const unseen = { blue: { errors: 0, unanswered: 0 }, green: { errors: 0, unanswered: 0 } }
  const underway: Record<Colour, Set<Promise<void>>> = { blue: new Set(), green: new Set() }
  const most = Math.max(1, Math.ceil(rate * IN_FLIGHT_SECONDS))
  let wanted = false
  let stopped = false

  const ask = async (probe: Probe, colour: Colour): Promise<Answer | undefined> => {
    const { path, options } = probeRequest(probe, id())
    const edge = { 'x-ecomweb-preview': token, 'x-ecomweb-colour': colour, 'x-ecomweb-probe': '1' }
    const headers = { ...options.headers, ...edge }
    return http.request(port, path, { ...options, headers, timeoutMs }).catch(() => undefined)
  }

  /** Whether the answer is right; one of 500 and above is in HAProxy's counters already. */
  const check = (probe: Probe, colour: Colour, answer: Answer | undefined): boolean => {
    const right = answer !== undefined && isExpected(probe, answer.status)
    if (!right && (answer === undefined || answer.status < 500)) unseen[colour].errors += 1
    if (answer === undefined) unseen[colour].unanswered += 1
    return right
  }

  const send = async (probe: Probe, colour: Colour): Promise<void> => {
    const answer = await ask(probe, colour)
    if (!check(probe, colour, answer) || !answer || !probe.undo || answer.status >= 400) return
    const undo = undoProbe(probe, answer.body)
    if (undo) check(undo, colour, await ask(undo, colour))
    else unseen[colour].errors += 1
  }

  const begin = (probe: Probe, colour: Colour): void => {
    const set = underway[colour]
    if (set.size >= most) return
    const one = send(probe, colour).finally(() => set.delete(one))
    set.add(one)
  }

  const loop = async (): Promise<void> => {
    const pauseMs = 1000 / rate / COLOURS.length
    let due = clock.now()
    for (let turn = 0; !stopped; ) {
      const wait = due - clock.now()
      if (!wanted || wait > 0) {
        await clock.sleep(wanted ? Math.min(wait, NAP_MS) : NAP_MS)
        if (!wanted) due = clock.now()
        continue
      }
      // Which colour is asked first changes from probe to probe: neither always finds the caches warm.
      const [probe, second] = [Math.floor(turn / 2), turn % 2]
      const colour = COLOURS[(probe + second) % 2] as Colour
      begin(probes[probe % probes.length] as Probe, colour)
      turn += 1
      // What was missed while this process was busy is not made up for in a burst.
      due = Math.max(due + pauseMs, clock.now())
    }
  }

  const done = probes.length > 0 && rate > 0 ? loop() : Promise.resolve()
  return {
    want: (on) => {
      wanted = on
    },
    unseen: () => ({ blue: { ...unseen.blue }, green: { ...unseen.green } }),
    stop: async () => {
      stopped = true
      await done
      await Promise.all(COLOURS.flatMap((colour) => [...underway[colour]]))
    },
  }
}
