import { proxyActivities } from '@temporalio/workflow'

const { work } = proxyActivities<{ work(): Promise<void> }>({ startToCloseTimeout: '1 minute' })

/** Asks for one task after the other. */
export async function busy(): Promise<void> {
  for (let count = 0; count < 3; count += 1) await work()
}
