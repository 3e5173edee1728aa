import { proxyActivities } from '@temporalio/workflow'
import type { GateActivities } from './activities.ts'

/** No local activity: a worker of this version has to ask for activities too. */
const { proveRelease } = proxyActivities<GateActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '45 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '5 seconds' },
})

/**
 * GATE_WORKFLOW of the image. Pinned to a version that is not current yet, it shows within a minute that a worker of that
 * version executes workflows and activities, with its database.
 */
export async function releaseGate(): Promise<{ build_id: string }> {
  return { build_id: await proveRelease() }
}
