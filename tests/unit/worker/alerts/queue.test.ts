import { expect, it, onTestFinished } from 'vitest'
import { connectClient } from '../../../../apps/core/temporal.ts'
import { tasksThatWait } from '../../../../apps/worker/alerts/queue.ts'
import { type Methods, serveTemporal } from '../temporal-rpc.ts'

const waiting = (count: number, seconds: number) => ({
  approximateBacklogCount: count,
  approximateBacklogAge: { seconds },
})
const version = (buildId: string) => ({ deploymentVersion: { deploymentName: 'shop', buildId } })
const poller = (lastAccess: Date, buildId: string) => ({
  lastAccessTime: { seconds: Math.floor(lastAccess.getTime() / 1000) },
  deploymentOptions: { deploymentName: 'shop', buildId, workerVersioningMode: 2 },
})

async function waitingWith(pollers: object[]) {
  const served = await serveTemporal({
    GetSystemInfo: () => ({ serverVersion: '1.31.2', capabilities: {} }),
    DescribeTaskQueue: () => ({ pollers, stats: waiting(32, 900) }),
    DescribeWorkerDeployment: () => ({
      workerDeploymentInfo: { name: 'shop', versionSummaries: [version('old'), version('new')] },
    }),
    DescribeWorkerDeploymentVersion: ({ deploymentVersion: { buildId } }: ReturnType<typeof version>) => ({
      versionTaskQueues: [
        { name: 'orders', type: 2, stats: buildId === 'old' ? waiting(25, 900) : waiting(7, 3) },
      ],
    }),
  } as Methods)
  onTestFinished(served.close)
  const client = connectClient({ TEMPORAL_ADDRESS: served.address, TEMPORAL_NAMESPACE: 'default' })
  onTestFinished(() => client.connection.close())
  return tasksThatWait(client, 'default', 2)
}

it('a task that a handed-over workflow left with a version without workers does not wait', async () => {
  const gone = poller(new Date(Date.now() - 120_000), 'old')
  expect(await waitingWith([poller(new Date(), 'new'), gone])).toEqual({ tasks: 7, seconds: 3 })
})

it('all count while every version has workers, and where workers have no versions', async () => {
  const both = [poller(new Date(), 'new'), poller(new Date(), 'old')]
  expect(await waitingWith(both)).toEqual({ tasks: 32, seconds: 900 })
  expect(await waitingWith([{ lastAccessTime: both[0]?.lastAccessTime }])).toEqual({
    tasks: 32,
    seconds: 900,
  })
})
