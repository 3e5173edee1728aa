import { type Colour, other } from '../stack/colours.ts'
import { compareErrors, compareLatency, type Finding, type Pair, partsFor, ratioOf, sum } from './compare.ts'
import { type Rules, SUSPICION } from './rules.ts'
import { type Look, levelAt } from './spending.ts'
import { quantile, type Share } from './statistics.ts'
import type { Audience, Counters, Figures, Histogram, Verdict, Window } from './types.ts'
import { addCounters, answersOf } from './window.ts'

export type Context = {
  newColour: Colour
  rules: Rules
  look: Look
  /** The earlier phases of the same rollout, added up. */
  past?: Window | undefined
  /** The parts of the time in which latencies count, of this phase and the earlier ones. */
  latency: Window[]
  /** The parts of all the time, of this phase and the earlier ones. */
  parts: Window[]
  /** From each look to the next, of this phase, and of it and the earlier ones. */
  steps: { now: Window[]; all: Window[] }
}

/** `suspicious`: not enough to fail, too much to go on without looking longer. */
export type Judgement = Verdict & { suspicious: boolean }

/** Of two colours the one with so many times the answers of the other waits on itself. */
const UNEVEN = 2

/**
 * Compares the new colour with the old. Users are compared with users of the same window, so that what hits both
 * (a slow database, a busy host) accuses neither. Where the old colour has no users any more, those of the earlier
 * phases stand in for errors, together with the old colour's probes, which would fail now as well; latencies of another time and
 * another load prove nothing, so there the probes decide, which both colours get at the same time; and not even they
 * where the new colour has most of the users, since behind those its probes queue. Errors of probes are added up over
 * the phases, because both colours always got the same.
 */
export function judge(window: Window, given: Context): Judgement {
  const { rules, look, newColour } = given
  const even = (part: Window) => answersOf(part, newColour) <= UNEVEN * answersOf(part, other(newColour))
  const context = { ...given, latency: given.latency.filter(even) }
  const comparisons = [compareUsers(window, context), compareProbes(window, context)]
  const edge = compareEdge(window, context)
  const level = levelAt(rules.alpha, look)
  const findings = [
    ...comparisons.flatMap((one) => [
      { ...one.errors, suspicion: SUSPICION.errors, words: () => errorWords(one) },
      { ...one.latency, suspicion: SUSPICION.latency, words: () => latencyWords(one) },
    ]),
    { ...edge.finding, suspicion: SUSPICION.errors, words: () => edgeWords(edge) },
  ]
  const figures = comparisons.map(({ figures }) => ({ ...figures, edgeErrors: edge.counts }))
  const guilty = findings
    .filter(({ p, size }) => p <= level && size === 'matters')
    .toSorted((a, b) => a.p - b.p)[0]
  if (guilty) {
    const reason = `${guilty.words()} (probability by chance ${guilty.p.toPrecision(1)})`
    return { verdict: 'fail', reason, figures, suspicious: false }
  }
  const suspicious = findings.some(({ p, size, suspicion }) => p <= suspicion && size !== 'small')
  const enough = comparisons.find(
    ({ figures: { responses } }) => Math.min(responses.new, responses.old) >= rules.minRequests,
  )
  if (enough) return { verdict: 'pass', reason: errorWords(enough), figures, suspicious }
  const counts = figures.map(
    ({ audience, responses }) => `${responses.new} new and ${responses.old} old answers to ${audience}`,
  )
  const reason = `too few to compare: ${counts.join(', ')}; ${rules.minRequests} of each are needed`
  return { verdict: 'inconclusive', reason, figures, suspicious }
}

type Comparison = { figures: Omit<Figures, 'edgeErrors'>; errors: Finding; latency: Finding }

/** Planned for a phase. */
const LEAST_LOOKS = 4

/** What the old colour still answers after a switch is no traffic to compare with. */
const LEAST_SHARE = 0.005

function compareUsers(window: Window, context: Context): Comparison {
  const { newColour, rules, past, latency } = context
  const old = other(newColour)
  const [subject, now] = [window.colours[newColour].users, window.colours[old].users]
  const concurrent = now.responses >= Math.max(rules.minRequests, subject.responses * LEAST_SHARE)
  const reference = concurrent || !past ? now : addCounters(now, past.colours[old].users)
  const compared = compare('users', { new: subject, old: reference }, concurrent ? latency : [], context)
  if (concurrent) return compared
  const control = { new: shareOf(subject), old: shareOf(window.colours[old].probes) }
  if (control.old.of === 0) return compared
  const { errors } = compared
  return { ...compared, errors: { ...errors, p: Math.max(errors.p, compareErrors(control, rules).p) } }
}

function compareProbes(window: Window, context: Context): Comparison {
  const { newColour, past, latency } = context
  const of = (colour: Colour): Counters => {
    const now = window.colours[colour].probes
    return past ? addCounters(now, past.colours[colour].probes) : now
  }
  return compare('probes', { new: of(newColour), old: of(other(newColour)) }, latency, context)
}

function compare(
  audience: Audience,
  counters: Pair<Counters>,
  parts: Window[],
  { newColour, rules, parts: all, look, steps }: Context,
): Comparison {
  const shares = { new: shareOf(counters.new), old: shareOf(counters.old) }
  const latencies = partsFor(
    0.5,
    parts.map(({ ms, colours }) => ({
      ms,
      new: colours[newColour][audience].latency,
      old: colours[other(newColour)][audience].latency,
    })),
  )
  const errors = compareErrors(
    shares,
    rules,
    all.map(({ colours }) => ({
      new: shareOf(colours[newColour][audience]),
      old: shareOf(colours[other(newColour)][audience]),
    })),
    // What is compared of users is of this phase alone; in a few looks a burst and a fault cannot be told apart.
    (look.of < LEAST_LOOKS ? [] : audience === 'users' ? steps.now : steps.all).map(({ colours }) =>
      shareOf(colours[newColour][audience]),
    ),
  )
  const latency = compareLatency(latencies, rules)
  const shown: Pair<Histogram> =
    latencies.length > 0
      ? { new: sum(latencies.map((part) => part.new)), old: sum(latencies.map((part) => part.old)) }
      : { new: counters.new.latency, old: counters.old.latency }
  const figures = {
    audience,
    responses: { new: shares.new.of, old: shares.old.of },
    errorRatio: { new: ratioOf(shares.new), old: ratioOf(shares.old) },
    errorP: errors.p,
    p50: quantiles(shown, 0.5),
    p95: quantiles(shown, 0.95),
    latencyP: latency.p,
  }
  return { figures, errors, latency }
}

/** Connections to the new colour that broke or were refused, against those to the old in this rollout. */
function compareEdge(window: Window, { newColour, rules, past }: Context) {
  const share = (colour: Colour, windows: Window[]): Share => {
    const errors = windows.reduce((all, { edgeErrors }) => all + edgeErrors[colour], 0)
    return { errors, of: errors + windows.reduce((all, one) => all + answersOf(one, colour), 0) }
  }
  const shares = {
    new: share(newColour, [window]),
    old: share(other(newColour), past ? [window, past] : [window]),
  }
  const counts = { new: shares.new.errors, old: shares.old.errors }
  return { finding: compareErrors(shares, rules), counts, shares }
}

const shareOf = ({ serverErrors, responses }: Counters): Share => ({ errors: serverErrors, of: responses })

/** In ms; 0 where nothing was answered. */
const quantiles = (histograms: Pair<Histogram>, q: number): Pair<number> => ({
  new: quantile(histograms.new, q) || 0,
  old: quantile(histograms.old, q) || 0,
})

const percent = (ratio: number): string => `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.01 ? 2 : 1)} %`
const milliseconds = ({ new: fresh, old }: Pair<number>): string =>
  `${fresh.toFixed(0)} ms instead of ${old.toFixed(0)} ms`

const errorWords = ({ figures: { audience, errorRatio, responses } }: Comparison): string =>
  `${percent(errorRatio.new)} of the new colour's ${responses.new} answers to ${audience} were errors, ` +
  `${percent(errorRatio.old)} of the old colour's ${responses.old}`

const latencyWords = ({ figures: { audience, p50, p95 } }: Comparison): string =>
  `the new colour answers ${audience} slower: p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}`

const edgeWords = ({ shares }: { shares: Pair<Share> }): string =>
  `${percent(ratioOf(shares.new))} of ${shares.new.of} requests got no answer from the new colour, ` +
  `${percent(ratioOf(shares.old))} of ${shares.old.of} from the old`
