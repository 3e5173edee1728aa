import { Client, Connection } from '@temporalio/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDeployment } from '../../../../apps/worker/versions/deployment.ts'
import { type Methods, serveTemporal } from '../temporal-rpc.ts'

const OWN = { deploymentName: 'shop', buildId: 'new' }
const OLD = { deploymentName: 'shop', buildId: 'old' }
const failing =
  (code: number, details = 'so it is') =>
  () => {
    throw Object.assign(new Error(details), { code, details })
  }

/** What a worker of shop:new makes of a server with these methods. */
async function deploymentOn(methods: Methods, serverVersion = '1.31.2') {
  const { address, close } = await serveTemporal({ GetSystemInfo: () => ({ serverVersion }), ...methods })
  const connection = Connection.lazy({ address })
  onTestFinished(async () => {
    await connection.close()
    close()
  })
  return openDeployment(new Client({ connection, namespace: 'default' }), OWN, 'me')
}

describe('whether a server knows versions', () => {
  const isKnown = async (methods: Methods, serverVersion?: string) =>
    (await deploymentOn(methods, serverVersion)).isKnown()

  it('is so when it answers, also that there is no such deployment yet', async () => {
    expect(await isKnown({ DescribeWorkerDeployment: () => ({}) })).toBe(true)
    expect(await isKnown({ DescribeWorkerDeployment: failing(5) })).toBe(true)
  })

  it('is not so when it has no such method, or they are switched off', async () => {
    expect(await isKnown({})).toBe(false)
    expect(await isKnown({ DescribeWorkerDeployment: failing(7) })).toBe(false)
  })

  it('is not so before 1.29, where they were another thing', async () => {
    const methods = { DescribeWorkerDeployment: () => ({}) }
    expect(await isKnown(methods, '1.28.4')).toBe(false)
    expect(await isKnown(methods, '1.29.1')).toBe(true)
    expect(await isKnown(methods, '2.0.0')).toBe(true)
    expect(await isKnown(methods, '')).toBe(true)
  })

  it('cannot be said while it fails otherwise', async () => {
    await expect(isKnown({ DescribeWorkerDeployment: failing(3) })).rejects.toThrow(/so it is/)
  })
})

it('tells workers with versions from those without, which may report one all the same', async () => {
  const seconds = 1000 as never
  const { see } = await deploymentOn({
    DescribeTaskQueue: () => ({
      pollers: [
        {
          identity: 'a',
          lastAccessTime: { seconds },
          deploymentOptions: { ...OWN, workerVersioningMode: 2 },
        },
        {
          identity: 'b',
          lastAccessTime: { seconds },
          deploymentOptions: { ...OLD, workerVersioningMode: 1 },
        },
        { identity: 'c', lastAccessTime: { seconds } },
      ],
      versioningInfo: { currentDeploymentVersion: OLD },
    }),
  })
  expect(await see()).toEqual({
    current: 'shop:old',
    pollers: [
      { identity: 'a', version: 'shop:new', lastAccess: 1_000_000 },
      { identity: 'b', version: '', lastAccess: 1_000_000 },
      { identity: 'c', version: '', lastAccess: 1_000_000 },
    ],
  })
})

describe('replacing the current version', () => {
  /** `current` is what the deployment says; `set` what it answers to the change. */
  async function replacing(current: object | undefined, set: (request: object) => object = () => ({})) {
    const asked: object[] = []
    const deployment = await deploymentOn({
      DescribeWorkerDeployment: () => ({
        conflictToken: Buffer.from('token'),
        workerDeploymentInfo: { routingConfig: { currentDeploymentVersion: current } },
      }),
      SetWorkerDeploymentCurrentVersion: ((request: object) => {
        asked.push(request)
        return set(request)
      }) as never,
    })
    return { deployment, asked }
  }

  it('asks for it with the token of what was seen', async () => {
    const { deployment, asked } = await replacing(OLD)
    expect(await deployment.replace('shop:old')).toBe(true)
    expect(asked).toMatchObject([{ ...OWN, identity: 'me', conflictToken: Buffer.from('token') }])
  })

  it('leaves it when another one is current meanwhile', async () => {
    const { deployment, asked } = await replacing({ deploymentName: 'shop', buildId: 'newer' })
    expect([await deployment.replace('shop:old'), asked]).toEqual([false, []])
  })

  it('loses a race without a word, and fails otherwise', async () => {
    const lost = await replacing(undefined, failing(9, 'conflict token mismatch'))
    expect(await lost.deployment.replace('')).toBe(false)
    const missing = await replacing(undefined, failing(9, 'is missing active task queues'))
    await expect(missing.deployment.replace('')).rejects.toThrow(/missing active task queues/)
  })
})

it('a workflow that ended before it was released is no failure', async () => {
  const execution = { type: 'processOrder', workflowId: 'order-1', runId: 'run-1', closed: false }
  const over = await deploymentOn({ UpdateWorkflowExecutionOptions: failing(5) })
  await over.release(execution)
  const denied = await deploymentOn({ UpdateWorkflowExecutionOptions: failing(3) })
  await expect(denied.release(execution)).rejects.toThrow()
})
