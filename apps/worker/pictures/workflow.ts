import { proxyActivities } from '@temporalio/workflow'
import type { PictureActivities } from './activities.ts'

const { convertPicture } = proxyActivities<PictureActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '2 seconds', maximumInterval: '5 minutes', maximumAttempts: 50 },
})

/** Makes the sizes of a product's picture. Its name is PICTURE_WORKFLOW in apps/worker/duties.ts. */
export async function makePictureSizes(id: string): Promise<string[]> {
  return await convertPicture(id)
}
