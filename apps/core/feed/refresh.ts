import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log.ts'
import {
  ClaimLostError,
  type FeedRuns,
  LOST_AFTER_MS,
  type Made,
  type Progress,
  type Publish,
  RefreshCancelledError,
  type Trigger,
} from './runs.ts'

/** Fetches the data and replaces the cache with it, by calling `publish` once, right before its end. */
export type Sync = (parts: {
  signal: AbortSignal
  onProgress: (progress: Progress) => void
  publish: Publish
}) => Promise<Made>

export type RefreshParts = {
  runs: FeedRuns
  sync: Sync
  trigger: Trigger
  /** After so many milliseconds the refresh is given up. */
  limitMs: number
  /** Ends the run; its reason is noted, as a cancellation if it is a RefreshCancelledError. */
  signal: AbortSignal
  log: Pick<Log, 'info' | 'warn'>
  now?: () => Date
  beatMs?: number
  /** Called with each heartbeat. */
  onBeat?: (progress: Progress) => void
}

export type RefreshResult =
  | { outcome: 'finished'; count: number; bytes: number }
  | { outcome: 'failed' | 'cancelled' | 'lost'; failure: string }
  | { outcome: 'already in progress' }

const BEAT_MS = 2000
/** Without a heartbeat for this long a run gives up by itself, well before another process may begin. */
const GIVE_UP_MS = LOST_AFTER_MS - 10_000
/** A sync that has not ended so long after it was told to is left alone; it can publish nothing any more. */
const GRACE_MS = 5000

/** Runs one refresh from claim to end, unless one goes on already. Rejects only if the claim cannot be asked for. */
export async function refreshFeed(parts: RefreshParts): Promise<RefreshResult> {
  const begun = await beginRefresh(parts)
  return begun ? begun.done : { outcome: 'already in progress' }
}

/** Takes the claim and goes on in the background; undefined if a refresh goes on already. `done` never rejects. */
export async function beginRefresh(
  parts: RefreshParts,
): Promise<{ done: Promise<RefreshResult> } | undefined> {
  const id = await parts.runs.begin(parts.trigger)
  return id === undefined ? undefined : { done: carryOut(id, parts) }
}

async function carryOut(id: bigint, parts: RefreshParts): Promise<RefreshResult> {
  const { runs, log, trigger, now = () => new Date() } = parts
  const began = now().getTime()
  log.info({ run: String(id), trigger }, 'refreshing the data feed')
  const result = await attempt(id, parts)
  const ms = now().getTime() - began
  if (result.outcome === 'finished')
    log.info({ run: String(id), ms, ...result }, 'the data feed is refreshed')
  else log.warn({ run: String(id), ms, ...result }, 'the data feed stays as it was')
  if (result.outcome === 'lost' || result.outcome === 'already in progress') return result
  const failure = 'failure' in result ? result.failure : undefined
  await runs
    .finish(id, result.outcome, failure)
    .catch((error) => log.warn({ err: error }, 'the end of the refresh could not be noted'))
  return result
}

async function attempt(id: bigint, parts: RefreshParts): Promise<RefreshResult> {
  const { runs, sync, limitMs, signal } = parts
  /** Aborted, with the reason, when this run should end before it has published. */
  const stop = new AbortController()
  let progress: Progress = { phase: 'starting', rows: 0, bytes: 0 }
  let publishing: Promise<Made> | undefined
  const interrupt = () => {
    const { reason } = signal
    if (reason instanceof RefreshCancelledError) stop.abort(reason)
    else stop.abort(new Error(`interrupted while ${at(progress)}: ${wordsOf(reason)}`))
  }
  const limit = setTimeout(() => {
    stop.abort(
      new Error(`not done within ${limitMs / 1000} s (FEED_SYNC_LIMIT_MS): given up while ${at(progress)}`),
    )
  }, limitMs)
  signal.addEventListener('abort', interrupt)
  if (signal.aborted) interrupt()
  const stopBeating = beat(id, parts, stop, () => progress)

  const publish: Publish = async (swap) => {
    // A heartbeat would wait for the row that publishing holds, and find the run over.
    await stopBeating()
    stop.signal.throwIfAborted()
    const work = runs.publish(id, swap)
    publishing = work
    return work
  }

  try {
    const onProgress = (news: Progress) => {
      progress = news
    }
    const work = sync({ signal: stop.signal, onProgress, publish })
    const { count, bytes } = await Promise.race([work, endOfGrace(stop.signal)])
    if (!publishing) throw new Error('the sync ended without having published anything')
    return { outcome: 'finished', count, bytes }
  } catch (error) {
    const published = await publishing?.catch(() => undefined)
    if (published) return { outcome: 'finished', count: published.count, bytes: published.bytes }
    return endOf(stop.signal.aborted ? stop.signal.reason : error)
  } finally {
    clearTimeout(limit)
    signal.removeEventListener('abort', interrupt)
    await stopBeating()
  }
}

/** Says every few seconds that the run goes on, and stops it where it should not; answers what ends that. */
function beat(
  id: bigint,
  { runs, log, now = () => new Date(), beatMs = BEAT_MS, onBeat }: RefreshParts,
  stop: AbortController,
  progress: () => Progress,
): () => Promise<void> {
  const over = new AbortController()
  let last = now().getTime()
  const one = async () => {
    const at = now().getTime()
    try {
      const answer = await runs.heartbeat(id, progress())
      last = at
      if (answer === 'cancelled') stop.abort(new RefreshCancelledError())
      if (answer === 'lost') stop.abort(new ClaimLostError())
    } catch (error) {
      log.warn({ err: error }, 'a heartbeat of the refresh failed')
      if (at - last >= GIVE_UP_MS) stop.abort(new Error(`the database was away for ${GIVE_UP_MS / 1000} s`))
    }
    onBeat?.(progress())
  }
  const loop = (async () => {
    while (await sleep(beatMs, true, { signal: over.signal }).catch(() => false)) await one()
  })()
  return () => {
    over.abort()
    return loop
  }
}

/** Rejects some time after the signal; a sync that obeys it has ended by then. */
function endOfGrace(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const wait = () => setTimeout(() => reject(signal.reason), GRACE_MS).unref()
    if (signal.aborted) wait()
    else signal.addEventListener('abort', wait, { once: true })
  })
}

function endOf(error: unknown): RefreshResult {
  const failure = wordsOf(error)
  if (error instanceof ClaimLostError) return { outcome: 'lost', failure }
  if (error instanceof RefreshCancelledError) return { outcome: 'cancelled', failure }
  return { outcome: 'failed', failure }
}

const at = ({ phase, rows, rowsExpected }: Progress): string =>
  rowsExpected === undefined ? `${phase} (${rows} rows)` : `${phase} (${rows} of ${rowsExpected} rows)`

/** The error and what caused it, in one line: Node's fetch hides the useful part in the cause. */
function wordsOf(error: unknown): string {
  const words: string[] = []
  for (let at = error; at instanceof Error && words.length < 4; at = at.cause) {
    const text = at.message || String((at as NodeJS.ErrnoException).code ?? at.name)
    if (!words.some((known) => known.includes(text))) words.push(text)
  }
  return (words.join(': ') || String(error)).replace(/\s+/g, ' ').slice(0, 500)
}
