import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow'
import type { ImportActivities } from './activities.ts'

const { importProducts } = proxyActivities<ImportActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute', maximumAttempts: 60 },
})
const { failProductImport } = proxyActivities<ImportActivities>({
  startToCloseTimeout: '20 seconds',
  retry: { maximumInterval: '1 minute' },
})

/** Brings one import of products to its end. Its name is IMPORT_WORKFLOW in apps/worker/duties.ts. */
export async function runProductImport(id: string): Promise<number> {
  try {
    return await importProducts(id)
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : error
    const forAdmins = cause instanceof ApplicationFailure && cause.type === 'ImportUnreadable'
    await failProductImport(id, forAdmins ? cause.message : 'the import could not be carried out')
    // A table that nobody can read is no failure of the shop's.
    if (forAdmins) return 0
    throw error
  }
}
