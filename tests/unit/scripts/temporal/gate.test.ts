import { expect, it, onTestFinished } from 'vitest'
import { runGate } from '../../../../scripts/temporal/gate.ts'
import { serveTemporal } from '../../worker/temporal-rpc.ts'

const [INVALID_ARGUMENT, DEADLINE_EXCEEDED, FAILED_PRECONDITION] = [3, 4, 9]
/** Of a history, as in temporal.api.enums.v1. */
const COMPLETED = 2

/** A server that answers attempts to start a workflow with these codes, and then starts it. */
async function serverThatFails(...codes: number[]) {
  let starts = 0
  const { address, close } = await serveTemporal({
    GetSystemInfo: () => ({ serverVersion: '1.31.2' }),
    StartWorkflowExecution: () => {
      const code = codes[starts++]
      if (code !== undefined) throw Object.assign(new Error('no'), { code, details: `answer ${code}` })
      return { runId: 'run' }
    },
    GetWorkflowExecutionHistory: () => ({
      history: {
        events: [{ eventId: 3, eventType: COMPLETED, workflowExecutionCompletedEventAttributes: {} }],
      },
    }),
  })
  onTestFinished(close)
  const place = { address, namespace: 'default', deployment: 'shop', queue: 'orders' }
  const gate = { workflow: 'releaseGate', id: 'release-gate-1', buildId: '1', timeoutMs: 20_000 }
  const limits = { againMs: 10_000, pauseMs: 1 }
  return {
    run: (given: Partial<typeof limits> = {}) => runGate(place, gate, { ...limits, ...given }),
    starts: () => starts,
  }
}

it('a gate passes although a busy server answered too late, or did not know the version yet', async () => {
  const { run, starts } = await serverThatFails(DEADLINE_EXCEEDED, FAILED_PRECONDITION)
  await run()
  expect(starts()).toBe(3)
})

it('a server that refuses is not asked again, and what it said is told', async () => {
  const { run, starts } = await serverThatFails(INVALID_ARGUMENT)
  await expect(run()).rejects.toThrow(`Failed to start Workflow: answer ${INVALID_ARGUMENT}`)
  expect(starts()).toBe(1)
})

it('a server that stays too busy is given up', async () => {
  const { run } = await serverThatFails(...Array(1000).fill(DEADLINE_EXCEEDED))
  await expect(run({ againMs: 50 })).rejects.toThrow(`answer ${DEADLINE_EXCEEDED}`)
})
