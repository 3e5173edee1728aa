import { describe, expect, it, onTestFinished } from 'vitest'
import { temporalDriver } from '../../../../apps/api/workflows.ts'
import { openFeedRefresh } from '../../../../apps/core/feed/trigger.ts'
import { pinned, versionOf } from '../../../../apps/core/worker-version.ts'
import { serveTemporal } from '../../worker/temporal-rpc.ts'

const [FAILED_PRECONDITION, NOT_FOUND, INTERNAL] = [9, 5, 13]
const version = { deploymentName: 'shop', buildId: 'abc' }
const SETTINGS = { TEMPORAL_DEPLOYMENT_NAME: 'shop', TEMPORAL_WORKER_BUILD_ID: 'abc' }

type Start = { workflowId: string; versioningOverride?: { pinned?: { version?: object } } }

/** A server that answers each start with what comes next; `starts` are the versions asked for, by their workflows. */
async function server(answers: (number | undefined)[]) {
  const starts: [string, object | undefined][] = []
  const start = ({ workflowId, versioningOverride }: Start) => {
    starts.push([workflowId, versioningOverride?.pinned?.version])
    const code = answers[starts.length - 1]
    if (code) throw Object.assign(new Error('refused'), { code, details: 'refused' })
    return { runId: 'run-1' }
  }
  const { address, close } = await serveTemporal({
    GetSystemInfo: () => ({ capabilities: {} }),
    StartWorkflowExecution: start as never,
    SignalWorkflowExecution: () => {
      throw Object.assign(new Error('over'), { code: NOT_FOUND })
    },
  })
  onTestFinished(close)
  return { starts, env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' } }
}

async function driverOf(env: Parameters<typeof temporalDriver>[0]) {
  const driver = temporalDriver(env)
  onTestFinished(() => driver.close())
  return driver
}

describe('what the API starts', () => {
  it('belongs to its release, orders and refunds alike', async () => {
    const { starts, env } = await server([])
    const driver = await driverOf({ ...env, ...SETTINGS })
    await driver.start('1')
    await driver.takeBack('2', 'cancel')
    expect(starts).toEqual([
      ['order-1', version],
      ['refund-2', version],
    ])
  })

  it('so does a refresh of the data feed', async () => {
    const { starts, env } = await server([])
    const refresh = openFeedRefresh({ ...env, ...SETTINGS, FEED_SYNC: 'worker', FEED_SYNC_LIMIT_MS: 1000 }, {
      runs: { state: async () => ({ running: undefined }) },
      sync: undefined,
      log: undefined,
    } as never)
    onTestFinished(() => refresh.close())
    expect(await refresh.trigger()).toBe('triggered')
    expect(starts).toEqual([['feed-refresh', version]])
  })

  it('belongs to none while no worker of that release is there', async () => {
    const { starts, env } = await server([FAILED_PRECONDITION])
    await (await driverOf({ ...env, ...SETTINGS })).start('1')
    expect(starts).toEqual([
      ['order-1', version],
      ['order-1', undefined],
    ])
  })

  it('belongs to none where workers have no versions', async () => {
    const { starts, env } = await server([])
    await (await driverOf(env)).start('1')
    expect(starts).toEqual([['order-1', undefined]])
  })

  it('is not asked for again when something else is wrong', async () => {
    const { starts, env } = await server([INTERNAL])
    await expect((await driverOf({ ...env, ...SETTINGS })).start('1')).rejects.toThrow()
    expect(starts).toHaveLength(1)
  })
})

describe('a version', () => {
  it('needs both names', () => {
    expect(versionOf(SETTINGS)).toEqual(version)
    expect(versionOf({})).toBeUndefined()
    expect(versionOf({ TEMPORAL_WORKER_BUILD_ID: 'abc' })).toBeUndefined()
  })

  it.each([9, 3, 12])('is left out once when the server answers with %i', async (code) => {
    const asked: object[] = []
    const start = async (override: object) => {
      asked.push(override)
      if (asked.length === 1) throw Object.assign(new Error('wrapped'), { cause: { code } })
      return 'started'
    }
    expect(await pinned(version, start)).toBe('started')
    expect(asked).toEqual([{ versioningOverride: { pinnedTo: version } }, {}])
  })
})
