import { readFileSync } from 'node:fs'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { ORDER_WORKFLOW } from '../../../apps/core/temporal.ts'
import { bundleWorkflows } from '../../../apps/worker/bundle.ts'

/** What a server recorded of one order, by the first release. */
const recorded = readFileSync(new URL('./process-order.history.json', import.meta.url), 'utf8')

describe('the order workflow', { timeout: 60_000 }, () => {
  let workflowBundle: { code: string }

  beforeAll(async () => {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
    })
    workflowBundle = { code: await bundleWorkflows() }
  }, 60_000)

  const replay = (history: string) =>
    Worker.runReplayHistory({ workflowBundle }, JSON.parse(history), 'order-1')

  it('is exported under the name by which orders are started', () => {
    expect(workflowBundle.code).toContain(`function ${ORDER_WORKFLOW}(`)
  })

  it('replays what earlier releases recorded', async () => {
    await expect(replay(recorded)).resolves.toBeUndefined()
  })

  it('would be caught if it called something else', async () => {
    const changed = recorded.replaceAll('"completeOrder"', '"shipOrder"')
    await expect(replay(changed)).rejects.toThrow(/nondeterminism|Activity type/i)
  })
})
