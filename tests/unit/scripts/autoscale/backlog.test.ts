import type { temporal } from '@temporalio/proto'
import { afterEach, describe, expect, it } from 'vitest'
import { readBacklog, sum } from '../../../../scripts/autoscale/backlog.ts'
import { type Methods, serveTemporal } from '../../worker/temporal-rpc.ts'

type Asked = temporal.api.workflowservice.v1.IDescribeTaskQueueRequest

describe('the backlog of a task queue', () => {
  let close = () => {}
  afterEach(() => close())

  /** A Temporal that answers so for a type of tasks. */
  async function server(
    stats: (asked: Asked) => object | undefined,
  ): Promise<{ address: string; asked: Asked[] }> {
    const asked: Asked[] = []
    const methods: Methods = {
      GetSystemInfo: () => ({ serverVersion: '1.31.2', capabilities: {} }),
      DescribeTaskQueue: (request: Asked) => {
        asked.push(request)
        const found = stats(request)
        return found ? { stats: found } : {}
      },
    }
    const served = await serveTemporal(methods)
    close = served.close
    return { address: served.address, asked }
  }

  it('is that of workflow tasks and activities together', async () => {
    const { address, asked } = await server(({ taskQueueType }) =>
      taskQueueType === 1
        ? {
            approximateBacklogCount: 9800,
            approximateBacklogAge: { seconds: 12, nanos: 500_000_000 },
            tasksAddRate: 20.5,
            tasksDispatchRate: 3,
          }
        : { approximateBacklogCount: 200, approximateBacklogAge: { seconds: 2 }, tasksAddRate: 1 },
    )
    expect(await readBacklog(address, 'default', 'orders')).toEqual({
      ...{ backlog: 10_000, ageMs: 12_500, added: 21.5, dispatched: 3 },
    })
    expect(asked.map(({ taskQueueType }) => Number(taskQueueType)).sort()).toEqual([1, 2])
    expect(
      asked.every(({ namespace, taskQueue, reportStats }) => {
        return namespace === 'default' && taskQueue?.name === 'orders' && reportStats
      }),
    ).toBe(true)
  })

  it('leaves out what waits for versions that nobody polls for any more', async () => {
    const waiting = (count: number, seconds: number) => ({
      approximateBacklogCount: count,
      approximateBacklogAge: { seconds },
    })
    const version = (buildId: string) => ({ deploymentVersion: { deploymentName: 'shop', buildId } })
    const live = {
      identity: 'a worker',
      lastAccessTime: { seconds: Math.floor(Date.now() / 1000) },
      deploymentOptions: { deploymentName: 'shop', buildId: 'new', workerVersioningMode: 2 },
    }
    const served = await serveTemporal({
      GetSystemInfo: () => ({ serverVersion: '1.31.2', capabilities: {} }),
      DescribeTaskQueue: ({ taskQueueType }: Asked) => ({
        pollers: [live],
        stats: taskQueueType === 2 ? waiting(32, 900) : waiting(0, 0),
      }),
      DescribeWorkerDeployment: () => ({
        workerDeploymentInfo: { name: 'shop', versionSummaries: [version('old'), version('new')] },
      }),
      DescribeWorkerDeploymentVersion: (request: typeof live & ReturnType<typeof version>) => ({
        versionTaskQueues: [
          {
            ...{ name: 'orders', type: 2 },
            stats: request.deploymentVersion.buildId === 'old' ? waiting(25, 900) : waiting(7, 3),
          },
        ],
      }),
    } as Methods)
    close = served.close
    expect(await readBacklog(served.address, 'default', 'orders')).toMatchObject({ backlog: 7, ageMs: 3000 })
  })

  it('is nothing where nothing waits', () => {
    expect(sum([{}, { approximateBacklogCount: null, approximateBacklogAge: null }])).toEqual({
      ...{ backlog: 0, ageMs: 0, added: 0, dispatched: 0 },
    })
  })

  it('is refused from a server that does not count', async () => {
    const { address } = await server(() => undefined)
    await expect(readBacklog(address, 'default', 'orders')).rejects.toThrow(/1\.27/)
  })

  it('is not known while Temporal is away', async () => {
    const { address } = await server(() => ({}))
    close()
    await expect(readBacklog(address, 'default', 'orders')).rejects.toThrow()
  })
})
