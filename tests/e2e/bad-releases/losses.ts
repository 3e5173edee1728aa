import type { Entry } from '../../../scripts/deploy/journal.ts'
import type { Sample } from '../../load/recorder.ts'
import type { Report } from '../../load/report.ts'
import type { Colour } from '../harness/stack.ts'

/** What a bad release did to users, and how soon it stopped; times in ms. */
export type Losses = {
  /** The phase that found it out. */
  phase: string
  /** From the first weight to the verdict. */
  detected: number
  /**
   * From the verdict, and from its line in the journal, to the last answer of the bad release, right or wrong.
   * Absent where it gave none.
   */
  lastAfterVerdict?: number
  lastAfterJournal?: number
  requests: number
  /** Requests that the bad release answered, as far as the load knows. */
  answered: number
  failedBy: Record<string, number>
}

/** Reads them from the journal's entries of the deploy and from what the load saw. */
export function lossesOf(
  entries: readonly Entry[],
  bad: Colour,
  { requests, failures, failedBy, classes }: Report,
  samples: readonly Sample[],
): Losses {
  const failed = entries.find(({ event }) => event === 'step-failed')
  const step = entries.find(({ event, step }) => event === 'step' && step === failed?.step)
  const first = entries.find(({ event, step }) => event === 'step' && /^canary-|^switch$/.test(step ?? ''))
  if (!failed || !step || !first) throw new Error('the journal has no failed step')
  const facts = failed.facts as { phase?: string; ms?: number } | undefined
  const at = (entry: Entry) => Date.parse(entry.at)
  // The step is announced, users are moved (some ms), then it is watched for so long.
  const verdict = facts?.ms === undefined ? at(failed) : at(step) + facts.ms
  const last = [
    ...samples.filter(({ servedBy }) => servedBy === bad).map(({ ended }) => ended),
    ...failures.filter(({ servedBy }) => servedBy === bad).map((failure) => failure.at),
  ].reduce((latest, moment) => Math.max(latest, moment), 0)
  return {
    phase: facts?.phase ?? String(failed.step),
    detected: Math.round(verdict - at(first)),
    ...(last > 0
      ? { lastAfterVerdict: Math.round(last - verdict), lastAfterJournal: Math.round(last - at(failed)) }
      : {}),
    requests,
    answered: classes.reduce((sum, { servedBy }) => sum + (servedBy[bad] ?? 0), 0),
    failedBy,
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** One line. */
export function formatLosses(losses: Losses & { cell: string; problems: string[] }): string {
  const {
    cell,
    phase,
    detected,
    lastAfterVerdict,
    lastAfterJournal,
    answered,
    requests,
    failedBy,
    problems,
  } = losses
  const failed = Object.entries(failedBy).map(([colour, count]) => `${colour} ${count}`)
  return [
    `${cell.padEnd(19)} found in ${phase.padEnd(11)} after ${seconds(detected).padStart(6)}`,
    lastAfterVerdict === undefined || lastAfterJournal === undefined
      ? 'it answered no user'
      : `last answer ${seconds(lastAfterVerdict)} after the verdict (${seconds(lastAfterJournal)} after its record)`,
    `${answered} of ${requests} requests on it, failed: ${failed.join(', ') || 'none'}`,
    ...problems,
  ].join('; ')
}
