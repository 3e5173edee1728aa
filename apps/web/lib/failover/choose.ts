/**
 * What is known of a backend. `unknown`: nothing yet; `waking`: it was asked and takes longer than usual, as one that
 * slept does; `unreachable`: no answer, or none that makes sense.
 */
export type Status = 'healthy' | 'degraded' | 'unknown' | 'waking' | 'unreachable'

/** A backend as far as choosing goes; `streak` counts the healthy checks in a row. */
export type Candidate = { readonly status: Status; readonly streak: number }

const RANK: Record<Status, number> = { healthy: 0, degraded: 1, unknown: 2, waking: 3, unreachable: 4 }

const rank = (candidate: Candidate): number => RANK[candidate.status]

/**
 * The index of the backend to use, the list being ordered by preference. It leaves the current one only for one that
 * is better, the first such in order; for one that is as good only if it is preferred and was healthy `steady` times
 * in a row, so that a backend which comes and goes is not followed. An `unknown` current one gets its chance first.
 */
export function choose(candidates: readonly Candidate[], current: number, steady: number): number {
  const now = candidates[current]
  if (!now || now.status === 'unknown') return current
  const best = Math.min(...candidates.map(rank))
  if (best < rank(now)) return candidates.findIndex((candidate) => rank(candidate) === best)
  if (now.status !== 'healthy') return current
  const preferred = candidates.findIndex(({ status, streak }) => status === 'healthy' && streak >= steady)
  return preferred >= 0 && preferred < current ? preferred : current
}

/** Every index in the order in which a request tries them: the current one, then by what is known, then as listed. */
export function attemptOrder(candidates: readonly Candidate[], current: number): number[] {
  const others = candidates.flatMap((candidate, index) => (index === current ? [] : [{ candidate, index }]))
  others.sort((a, b) => rank(a.candidate) - rank(b.candidate) || a.index - b.index)
  return [current, ...others.map(({ index }) => index)]
}
