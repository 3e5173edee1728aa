import { ApplicationFailure } from '@temporalio/common'
import { temporal } from '@temporalio/proto'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ORDER_WORKFLOW, REFUND_WORKFLOW, TASK_QUEUE } from '../../../apps/core/temporal.ts'
import { bundleWorkflows } from '../../../apps/worker/bundle.ts'
import { PAYMENT_DECLINED } from '../../../apps/worker/fulfilment.ts'
import { TemporalServer } from './temporal-server.ts'

const { EventType } = temporal.api.enums.v1

let workflowBundle: { code: string }
let shutDown = async () => {}

beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  })
  workflowBundle = { code: await bundleWorkflows() }
}, 60_000)

afterEach(() => shutDown())

/** A real worker on a server in this process, and an order in memory that its activities change. */
async function shop(type = ORDER_WORKFLOW, order = { status: 'pending' }) {
  const server = new TemporalServer(type)
  const connection = await NativeConnection.connect({ address: await server.listen() })
  const calls: string[] = []
  /** What goes wrong, by the name of the activity, one by one. */
  const errors: Record<string, Error[]> = {}
  const before: { activity?: (name: string) => Promise<void> } = {}
  const activity =
    (name: string, changes: Record<string, string> = {}) =>
    async (_: string, failure?: string) => {
      calls.push(failure ? `${name}: ${failure}` : name)
      await before.activity?.(name)
      const error = errors[name]?.shift()
      if (error) throw error
      order.status = changes[order.status] ?? order.status
      return order.status
    }
  const activities = {
    confirmReservation: activity('confirmReservation'),
    takePayment: activity('takePayment', { pending: 'paid' }),
    mailCustomer: activity('mailCustomer'),
    shipOrder: activity('shipOrder', { paid: 'completed' }),
    releaseOrder: activity('releaseOrder', { pending: 'cancelled', paid: 'cancelled' }),
    refundPayment: activity('refundPayment'),
    beginRefund: activity('beginRefund', { completed: 'refunded' }),
    announceOrder: activity('announceOrder'),
  }
  const worker = await Worker.create({
    ...{ connection, taskQueue: TASK_QUEUE, workflowBundle, activities },
    shutdownGraceTime: '20 seconds',
  })
  const running = worker.run()
  shutDown = async () => {
    worker.shutdown()
    server.release()
    await running
    await connection.close()
    server.close()
  }
  return { server, calls, errors, before }
}

const forward = ['confirmReservation', 'takePayment', 'mailCustomer', 'shipOrder', 'announceOrder']

const signal = (signalName: string) => ({
  eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  workflowExecutionSignaledEventAttributes: { signalName, input: { payloads: [] } },
})

const cancelRequest = {
  eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
  workflowExecutionCancelRequestedEventAttributes: {},
}

describe('the workflow of an order, on the worker as it is,', { timeout: 30_000 }, () => {
  it('ends within one task, says how far it is, and can be replayed', async () => {
    const { server, calls } = await shop()
    server.start('order-1')
    expect([await server.result, calls, server.failures]).toEqual(['completed', forward, []])
    const tasks = server.events.filter(
      ({ eventType }) => eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    )
    expect(tasks).toHaveLength(1)
    const at = expect.stringMatching(/^\d{4}-.*Z$/)
    expect(await server.ask('progress')).toEqual(
      ['reserve', 'pay', 'mail', 'ship'].map((name) => ({ name, state: 'done', at })),
    )
    await Worker.runReplayHistory({ workflowBundle }, server.recorded(), 'workflow-1')
  })

  it('tries a step again that fails for a while', async () => {
    const { server, calls, errors } = await shop()
    errors.takePayment = [new Error('ECONNREFUSED'), new Error('ECONNREFUSED')]
    server.start('order-1')
    expect(await server.result).toBe('completed')
    expect(calls.filter((name) => name === 'takePayment')).toHaveLength(3)
  })

  it('is completed also while others cannot be told of it, and is told of once they can', async () => {
    const { server, calls, errors } = await shop()
    errors.announceOrder = [new Error('ECONNREFUSED')]
    server.start('order-1')
    expect(await server.result).toBe('completed')
    expect(calls).toEqual([...forward, 'announceOrder'])
  })

  it('is finished by a worker that is told to end meanwhile', async () => {
    const { server, calls, before } = await shop()
    before.activity = async (name) => {
      if (name !== 'takePayment') return
      const ended = shutDown()
      shutDown = () => ended
    }
    server.start('order-1')
    expect([await server.result, calls]).toEqual(['completed', forward])
  })

  it('undoes an order whose payment is declined', async () => {
    const { server, calls, errors } = await shop()
    errors.takePayment = [ApplicationFailure.nonRetryable('no money', PAYMENT_DECLINED)]
    server.start('order-1')
    expect(await server.result).toBe('cancelled')
    expect(calls.slice(2)).toEqual(['releaseOrder: no money', 'refundPayment', 'mailCustomer'])
    expect(await server.ask('progress')).toMatchObject([{ state: 'undone' }, { state: 'failed' }, {}, {}])
    await Worker.runReplayHistory({ workflowBundle }, server.recorded(), 'workflow-1')
  })

  it.each([
    ['the signal cancel', signal('cancel')],
    ['the signal refund', signal('refund')],
    ['its own cancellation', cancelRequest],
  ])('takes an order back on %s', async (_, event) => {
    const { server, calls } = await shop()
    server.start('order-1', [event])
    expect(await server.result).toBe('cancelled')
    expect(calls).not.toContain('shipOrder')
    expect(calls).not.toContain('announceOrder')
    expect(calls.slice(-3)).toEqual(['releaseOrder', 'refundPayment', 'mailCustomer'])
    expect(server.failures).toEqual([])
  })

  it('gives the money back of an order that was refunded while it ran', async () => {
    const { server, calls } = await shop(ORDER_WORKFLOW, { status: 'completed' })
    server.start('order-1', [signal('refund')])
    expect(await server.result).toBe('refunded')
    expect(calls.slice(-3)).toEqual(['beginRefund', 'refundPayment', 'mailCustomer'])
  })
})

it('the workflow of a refund gives the money back of an order that is over', {
  timeout: 30_000,
}, async () => {
  const { server, calls } = await shop(REFUND_WORKFLOW, { status: 'cancelled' })
  server.start('order-1')
  expect(await server.result).toBe('cancelled')
  expect(calls).toEqual(['beginRefund', 'refundPayment', 'mailCustomer'])
})
