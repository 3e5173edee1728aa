import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import type { RefreshResult } from '../core/feed/refresh.ts'
import type { Trigger } from '../core/feed/runs.ts'
import type { FeedActivities } from './feed-activities.ts'

/**
 * A refresh that fails has said so in its run, and the next one comes by itself: only a worker that is lost, or ends,
 * is made good for. By the time of the second attempt the claim of the first has run out (LOST_AFTER_MS).
 */
const { refreshDataFeed } = proxyActivities<FeedActivities>({
  // FEED_SYNC_LIMIT_MS is at most an hour, and ends it in better words.
  startToCloseTimeout: '65 minutes',
  heartbeatTimeout: '15 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '35 seconds', backoffCoefficient: 1, maximumAttempts: 3 },
})

/** Refreshes the data feed once. Its name is FEED_WORKFLOW in apps/core/feed/temporal.ts. */
export async function feedRefresh(trigger: Trigger): Promise<RefreshResult> {
  return await refreshDataFeed(trigger)
}
