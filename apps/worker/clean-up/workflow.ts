import { proxyActivities } from '@temporalio/workflow'
import type { CleanUpActivities } from './activities.ts'

const { removeOrphanedUploads, forgetFinishedImports } = proxyActivities<CleanUpActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '10 seconds', maximumInterval: '10 minutes', maximumAttempts: 20 },
})

/** Cleans up once for a day. Its name is CLEAN_UP_WORKFLOW in apps/worker/duties.ts. */
export async function cleanUp(_day: string): Promise<{ uploads: number; imports: number }> {
  // First the imports: what is left of them in the folder is an orphan from then on.
  const imports = await forgetFinishedImports()
  return { imports, uploads: await removeOrphanedUploads() }
}
