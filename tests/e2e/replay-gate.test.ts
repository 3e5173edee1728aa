/** A release that cannot go on with workflows that run is found before anything of it starts. */
import { readFileSync } from 'node:fs'
import type { Client } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { losses } from '../load/report.ts'
import { restore } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage, imageId } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { other } from './harness/stack.ts'
import { openTemporal } from './harness/temporal.ts'
import { waitUntil } from './harness/wait.ts'
import { tellOfOrders } from './harness/webhook.ts'

const WORKFLOW = 'sendOrderWebhook'
const RUNNING = `ExecutionStatus = 'Running' AND WorkflowType = '${WORKFLOW}'`

type Entry = { event: string; step?: string; facts?: Record<string, unknown>; plan?: Record<string, unknown> }
type Workers = {
  containers: { image: string; health: string }[]
  queues: { kind: string; pollers: string[] }[]
  running: { type: string; count: number }[]
}

let silence: (() => void) | undefined
let changed: string
let client: Client

beforeAll(async () => {
  await restore(stack)
  changed = await buildImage(stack, 'other-workflow')
  client = await openTemporal(stack)
  // Nobody listens there, so whoever tells of an order goes on trying.
  silence = tellOfOrders(stack, 'http://127.0.0.1:9/orders')
  await stack.compose(['up', '-d', '--no-deps', 'ecomweb_worker'])
})

afterAll(async () => {
  silence?.()
  await endAll()
  await client?.connection.close()
  await restore(stack)
})

const running = async () => (await client.workflow.count(RUNNING)).count

/** Ends the workflows that would try for three days. */
async function endAll(): Promise<void> {
  await waitUntil('none runs any more', async () => {
    for await (const { workflowId } of client.workflow.list({ query: RUNNING }))
      await client.workflow
        .getHandle(workflowId)
        .terminate('the test is over')
        .catch(() => {})
    return (await running()) === 0
  })
}

/** One that has asked for its activity, which was tried. */
const oneHasBegun = () =>
  waitUntil('a workflow waits for its activity', async () => {
    for await (const { workflowId } of client.workflow.list({ query: RUNNING, pageSize: 10 })) {
      const { raw } = await client.workflow.getHandle(workflowId).describe()
      if (raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) > 0)) return true
    }
    return false
  })

/** What the journal says of the last deploy. */
function lastDeploy(): Entry[] {
  const lines = readFileSync(stack.file('.ecomweb/journal.jsonl'), 'utf8').trim().split('\n')
  const entries = lines.map((line) => JSON.parse(line) as Entry)
  return entries.slice(entries.findLastIndex(({ event }) => event === 'begin'))
}

const imageOf = (part: string): Promise<string> => stack.inspect(stack.container(part), '{{.Image}}')

describe('a release with a changed workflow', { timeout: 600_000 }, () => {
  it('is refused while such a workflow runs, by its name and event, and no user notices', async () => {
    const load = await loadOn(stack, LIGHT)
    await oneHasBegun()
    const live = await stack.active()
    const look = async () => ({
      env: readFileSync(stack.file('.env'), 'utf8'),
      live: await stack.inspect(stack.container(`api_${live}`), '{{.Id}} {{.State.StartedAt}}'),
      idle: await imageOf(`api_${other(live)}`),
      cron: await imageOf('cron'),
    })
    const before = await look()
    const { code, steps, output } = await stack.deploy(changed)

    expect(code, output).toBe(1)
    expect(output).toMatch(/sendOrderWebhook order-webhook-[0-9a-f-]{36}, event 5 \(ActivityTaskScheduled\)/)
    expect(output).toContain("patched('NAME')")
    expect(output).toContain(`./ecomweb deploy ${changed} --skip-replay`)
    expect(steps).toContainEqual(expect.objectContaining({ step: 'replay workflows', status: 'failed' }))
    expect(lastDeploy().find(({ event }) => event === 'step-failed')).toMatchObject({
      step: 'replay',
      facts: { failures: expect.arrayContaining([expect.objectContaining({ type: WORKFLOW })]) },
    })
    expect((await stack.ecomweb(['why'])).stdout).toContain(WORKFLOW)
    expect(await look()).toEqual(before)
    expect(await stack.active()).toBe(live)
    expect(losses(await load.stop())).toEqual([])
  })

  it('is shown among the workflows that run', async () => {
    const { stdout } = await stack.ecomweb(['workers', 'status', '--json'])
    const workers = JSON.parse(stdout) as Workers
    expect(workers.running).toContainEqual({ type: WORKFLOW, count: await running() })
    expect(workers.queues.map(({ kind, pollers }) => [kind, pollers.length > 0])).toEqual([
      ['workflow', true],
      ['activity', true],
    ])
    expect(workers.containers).toContainEqual(expect.objectContaining({ health: 'healthy' }))
  })

  it('goes live with --skip-replay, which is recorded; a rollback asks nobody', async () => {
    expect(await running()).toBeGreaterThan(0)
    const flags = ['--canary', 'none', '--soak', '0', '--skip-replay']
    const { code, output } = await stack.deploy(changed, flags)
    expect(code, output).toBe(0)
    expect(lastDeploy()[0]?.plan).toMatchObject({ replay: 'by_flag' })
    expect(await imageOf('cron')).toBe(await imageId(stack, changed))
    await stack.rollback()
    expect(await imageOf('cron')).not.toBe(await imageId(stack, changed))
  })

  it('goes live by itself once no such workflow runs', async () => {
    await endAll()
    const { code, output } = await stack.deploy(changed)
    expect(code, output).toBe(0)
    const done = lastDeploy().find(({ event, step }) => event === 'step-done' && step === 'replay')
    expect(done?.facts).toMatchObject({ histories: expect.any(Number) })
    await stack.rollback()
  })
})

it('a deploy that cannot ask Temporal stops before it changes what is live', async () => {
  const usual = stack.editKitSetting('limit', '3s')
  const image = await buildImage(stack, 'v-unasked')
  const live = await stack.active()
  await stack.docker(['pause', stack.container('temporal')])
  try {
    const { code, output } = await stack.deploy(image)
    expect(code).toBe(1)
    expect(output).toMatch(/could not be seen[\s\S]*Temporal at ecomweb-temporal:7233[\s\S]*--skip-replay/)
    expect(await stack.active()).toBe(live)
  } finally {
    await stack.docker(['unpause', stack.container('temporal')])
    stack.editKitSetting('limit', usual)
  }
})
