import { afterEach, describe, expect, it } from 'vitest'
import { temporalVersions } from '../../../../scripts/temporal/versions.ts'
import { serveTemporal } from '../../worker/temporal-rpc.ts'

const version = (buildId: string) => ({ deploymentName: 'shop', buildId })

describe('a change of the current version', () => {
  let close = () => {}
  afterEach(() => close())

  /** What the kit sees of a Temporal whose deployment is still propagating, and whose task queue knows of this version. */
  async function routing(queueKnows: string | undefined) {
    const served = await serveTemporal({
      GetSystemInfo: () => ({ serverVersion: '1.31.2', capabilities: {} }),
      DescribeWorkerDeployment: () => ({
        workerDeploymentInfo: {
          routingConfig: { currentDeploymentVersion: version('b') },
          routingConfigUpdateState: 1,
          versionSummaries: [{ deploymentVersion: version('a') }, { deploymentVersion: version('b') }],
        },
      }),
      DescribeTaskQueue: () =>
        queueKnows === undefined
          ? {}
          : {
              versioningInfo: queueKnows
                ? { currentDeploymentVersion: version(queueKnows) }
                : { currentVersion: '__unversioned__' },
            },
      CountWorkflowExecutions: () => ({ count: 0 }),
    })
    close = served.close
    const place = { address: served.address, namespace: 'default', deployment: 'shop', queue: 'orders' }
    return temporalVersions(async () => place).look()
  }

  it('has arrived once the task queue knows, even if the deployment says for ever that it is on its way', async () =>
    expect(await routing('b')).toMatchObject({ current: 'b', settling: false }))

  it('is on its way while the task queue knows another version, or none', async () => {
    expect(await routing('a')).toMatchObject({ current: 'b', settling: true })
    close()
    expect(await routing('')).toMatchObject({ current: 'b', settling: true })
  })

  it('cannot be seen where the task queue tells nothing of versions', async () =>
    expect(await routing(undefined)).toMatchObject({ current: 'b', settling: false }))
})
