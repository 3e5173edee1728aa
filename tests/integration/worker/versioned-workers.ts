import { Client } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import type { Env } from '../../../apps/core/env.ts'
import type { Log } from '../../../apps/core/log.ts'
import { TASK_QUEUE } from '../../../apps/core/temporal.ts'
import { nameOf, type WorkerVersion } from '../../../apps/core/worker-version.ts'
import { openDeployment } from '../../../apps/worker/versions/deployment.ts'
import { openVersions } from '../../../apps/worker/versions/keep.ts'
import { pinnedToOthers } from '../../../apps/worker/versions/pinned.ts'
import { WorkflowRelease } from '../../../apps/worker/versions/release.ts'
import { replayApart } from '../../../apps/worker/versions/replay.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import type { Temporal } from './temporal.ts'

export const DEPLOYMENT = 'shop'

export const versionOf = (buildId: string): WorkerVersion => ({ deploymentName: DEPLOYMENT, buildId })

/** A worker of a version as apps/worker/main.ts runs it, with activities and workflows of the test's own. */
export type RunningWorker = {
  version: WorkerVersion
  identity: string
  said: string[]
  stop(): Promise<void>
}

type Options = {
  temporal: Pick<Temporal, 'address' | 'namespace' | 'client'>
  buildId: string
  code: string
  activities: object
  takesOver?: boolean
}

let started = 0

export async function startWorker({
  temporal: { address, namespace, client },
  buildId,
  code,
  activities,
  takesOver = true,
}: Options): Promise<RunningWorker> {
  started += 1
  const identity = `${buildId}-${started}@here`
  const said: string[] = []
  const log = logTo(said)
  const env = {
    ...{ TEMPORAL_DEPLOYMENT_NAME: DEPLOYMENT, TEMPORAL_WORKER_BUILD_ID: buildId },
    WORKER_TAKES_OVER: takesOver,
  } as Env
  const ours = new Client({ connection: client.connection, namespace })
  const versions = await openVersions(env, { client: ours, identity, log })
  const connection = await NativeConnection.connect({ address })
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue: TASK_QUEUE, identity, activities },
    ...{ workflowBundle: { code }, ...versions?.options },
  })
  const running = worker.run()
  const end = versions?.start()
  return {
    ...{ version: versionOf(buildId), identity, said },
    async stop() {
      worker.shutdown()
      await running
      end?.()
      await connection.close()
    },
  }
}

/** A look at workflows without workers by a worker, to which versions without workers have been so for long enough. */
export function releaseBy(worker: RunningWorker, temporal: Temporal, bundle: string): WorkflowRelease {
  const { address, namespace, client } = temporal
  const { version, identity, said } = worker
  const { see, release } = openDeployment(client, version, identity)
  return new WorkflowRelease({
    ...{ own: nameOf(version), identity, see, release, goneMs: 0 },
    find: (versions, skip) =>
      pinnedToOthers(client.workflow, version.deploymentName, versions, { most: 10, skip }),
    replay: (executions) =>
      replayApart(executions, {
        ...{ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, bundle },
        signal: new AbortController().signal,
      }),
    ...{ log: logTo(said), now: Date.now },
  })
}

/** The build that is current, or '' while there is none. */
export async function currentBuild({ client }: Pick<Temporal, 'client'>): Promise<string> {
  const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
    ...{ namespace: client.options.namespace, deploymentName: DEPLOYMENT },
  })
  return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? ''
}

export const untilCurrent = (temporal: Pick<Temporal, 'client'>, buildId: string): Promise<unknown> =>
  waitUntil(`${buildId} is current`, async () => (await currentBuild(temporal)) === buildId)

export const untilRegistered = ({ client }: Pick<Temporal, 'client'>, buildId: string): Promise<unknown> =>
  waitUntil(`${buildId} is registered`, async () => {
    await client.workflowService.describeWorkerDeploymentVersion({
      ...{ namespace: client.options.namespace, deploymentVersion: versionOf(buildId) },
    })
    return true
  })

function logTo(said: string[]): Log {
  const say = (...[fields, text]: unknown[]) => void said.push(String(text ?? fields))
  return { info: say, warn: say, error: say } as unknown as Log
}
