import { CancelledFailure, Context } from '@temporalio/activity'
import { type RefreshParts, type RefreshResult, refreshFeed } from '../core/feed/refresh.ts'
import { RefreshCancelledError, type Trigger } from '../core/feed/runs.ts'

export type FeedActivities = ReturnType<typeof feedActivities>

/** The refresh of the data feed as an activity: it tells Temporal with each heartbeat how far it is. */
export function feedActivities(parts: Omit<RefreshParts, 'trigger' | 'signal' | 'onBeat'>) {
  return {
    /** Fails only if it was cancelled, or the claim could not be asked for: a failed refresh is a result. */
    async refreshDataFeed(trigger: Trigger): Promise<RefreshResult> {
      const { cancellationSignal, heartbeat } = Context.current()
      const ending = new AbortController()
      const end = () => ending.abort(reasonOf(cancellationSignal.reason))
      cancellationSignal.addEventListener('abort', end, { once: true })
      const result = await refreshFeed({ ...parts, trigger, signal: ending.signal, onBeat: heartbeat })
      // Of a worker that ends, another one takes over; of a workflow that was cancelled, nobody does.
      if (cancellationSignal.aborted && result.outcome !== 'finished') throw cancellationSignal.reason
      return result
    },
  }
}

function reasonOf(reason: unknown): Error {
  const why = reason instanceof CancelledFailure ? reason.message : ''
  if (why === 'CANCELLED') return new RefreshCancelledError()
  return new Error(why === 'WORKER_SHUTDOWN' ? 'its worker ends' : `Temporal took it back (${why})`)
}
