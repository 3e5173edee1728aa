import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import type { WorkerOptions } from '@temporalio/worker'
import type { Env } from '../../core/env.ts'
import type { Log } from '../../core/log.ts'
import { nameOf, versionOf, type WorkerVersion } from '../../core/worker-version.ts'
import { type Deployment, openDeployment } from './deployment.ts'
import { pinnedToOthers } from './pinned.ts'
import { WorkflowRelease } from './release.ts'
import { replayApart } from './replay.ts'
import { TakeOver } from './take-over.ts'

const TAKE_OVER_MS = 3000
const RELEASE_MS = 20_000
const AGAIN_MS = 1000
/** Replayed in one go, which takes seconds. */
const MOST_AT_ONCE = 200

type Parts = { client: Client; identity: string; log: Log }

/** The workers of a version in relation to those of others. */
export type Versions = {
  /** What a worker is to be created with. */
  options: Pick<WorkerOptions, 'workerDeploymentOptions'>
  /** Begins to look; ended by what it answers. */
  start(): () => void
}

/**
 * Workers have versions if the environment names theirs and Temporal knows them. Otherwise they work as if there were none,
 * which the log says. Waits until Temporal has answered.
 */
export async function openVersions(
  env: Env,
  { client, identity, log }: Parts,
): Promise<Versions | undefined> {
  const own = versionOf(env)
  if (!own) return undefined
  const deployment = openDeployment(client, own, identity)
  if (!(await untilAnswered(deployment, log))) {
    log.warn('this Temporal knows no versions of workers: whichever worker is there takes any workflow')
    return undefined
  }
  log.info({ version: nameOf(own) }, `this worker is of version ${nameOf(own)}`)
  return { options: optionsOf(own), start: () => keep(env, own, { client, identity, log, deployment }) }
}

/** Workflows that nobody pinned go to whichever version is current. */
export const optionsOf = (version: WorkerVersion): Versions['options'] => ({
  workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'AUTO_UPGRADE' },
})

function keep(
  env: Env,
  version: WorkerVersion,
  { client, identity, log, deployment }: Parts & { deployment: Deployment },
): () => void {
  const own = nameOf(version)
  const { see, replace } = deployment
  const now = Date.now
  const ending = new AbortController()
  const takeOver = new TakeOver({ own, see, replace, log, now })
  const release = new WorkflowRelease({
    ...{ own, identity, see, log, now },
    find: (versions, skip) =>
      pinnedToOthers(client.workflow, version.deploymentName, versions, { most: MOST_AT_ONCE, skip }),
    replay: (executions) => replayApart(executions, { ...env, signal: ending.signal }),
    release: deployment.release,
  })
  /** Those of many processes come apart by themselves. */
  const every = (ms: number, look: () => unknown) => setInterval(look, ms * (0.8 + 0.4 * Math.random()))
  const timers = [every(RELEASE_MS, () => release.look())]
  if (env.WORKER_TAKES_OVER) timers.push(every(TAKE_OVER_MS, () => takeOver.look()))
  return () => {
    for (const timer of timers) clearInterval(timer)
    ending.abort()
  }
}

async function untilAnswered(deployment: Deployment, log: Log): Promise<boolean> {
  for (let said = false; ; said = true) {
    try {
      return await deployment.isKnown()
    } catch (error) {
      if (!said) log.warn({ err: error }, 'waiting for Temporal to say whether it knows versions of workers')
      await sleep(AGAIN_MS)
    }
  }
}
