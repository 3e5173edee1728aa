import { readFileSync } from 'node:fs'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { ORDER_WORKFLOW } from '../../../apps/core/temporal.ts'
import { bundleWorkflows } from '../../../apps/worker/bundle.ts'

const history = (name: string) => readFileSync(new URL(`./${name}.history.json`, import.meta.url), 'utf8')

/** What a server recorded of one order, by the first release. */
const recorded = history('process-order')

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

  it.each([
    ['in one step', recorded],
    ['step by step', history('fulfilled-order')],
    ['step by step, with others told of it', history('announced-order')],
    ['step by step until the payment was declined', history('declined-order')],
  ])('replays what earlier releases recorded of orders that they carried out %s', async (_, given) => {
    await expect(replay(given)).resolves.toBeUndefined()
  })

  it('would be caught if it called something else', async () => {
    const changed = recorded.replaceAll('"completeOrder"', '"shipOrder"')
    await expect(replay(changed)).rejects.toThrow(/nondeterminism|Activity type/i)
    const swapped = JSON.parse(history('fulfilled-order')) as {
      events: { markerRecordedEventAttributes?: object }[]
    }
    const steps = swapped.events.filter(({ markerRecordedEventAttributes }) => markerRecordedEventAttributes)
    const [, reserve = {}, pay = {}] = steps
    Object.assign(reserve, { markerRecordedEventAttributes: pay.markerRecordedEventAttributes })
    await expect(replay(JSON.stringify(swapped))).rejects.toThrow(/nondeterminism/i)
  })
})
