import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import { describe, expect, it } from 'vitest'
import { explainUnreachable } from '../../../../apps/core/tcp.ts'
import { orderWorkflowId, startOrderWorkflow, takeBackOrder } from '../../../../apps/core/temporal.ts'
import { describeTemporalError, lookAtTemporal } from '../../../../apps/core/temporal-ready.ts'

const client = (start: (type: string, options: object) => Promise<unknown>) =>
  ({ withDeadline: (_: number, run: () => unknown) => run(), workflow: { start } }) as unknown as Client

describe('starting the workflow of an order', () => {
  it('always uses the same id, and joins one that is running', async () => {
    let seen: object = {}
    const outcome = await startOrderWorkflow(
      client(async (_, options) => (seen = options)),
      '42',
    )
    expect(outcome).toBe('started')
    expect(seen).toMatchObject({
      workflowId: orderWorkflowId('42'),
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      args: ['42'],
    })
  })

  it('does not run an order a second time', async () => {
    const over = new WorkflowExecutionAlreadyStartedError('over', 'order-42', 'processOrder')
    expect(
      await startOrderWorkflow(
        client(() => Promise.reject(over)),
        '42',
      ),
    ).toBe('closed')
  })

  it('runs it again if that is wanted, because it ended before the order did', async () => {
    let seen: object = {}
    await startOrderWorkflow(
      client(async (_, options) => (seen = options)),
      '42',
      true,
    )
    expect(seen).toMatchObject({ workflowIdReusePolicy: 'ALLOW_DUPLICATE' })
  })

  it('fails when Temporal is away, so that the caller can leave it to the sweeper', async () => {
    await expect(
      startOrderWorkflow(
        client(() => Promise.reject(new Error('UNAVAILABLE'))),
        '42',
      ),
    ).rejects.toThrow()
  })
})

describe('taking an order back', () => {
  const temporal = (failure?: Error) => {
    const done: string[] = []
    const workflow = {
      getHandle: (id: string) => ({
        signal: async (name: string) => {
          if (failure) throw failure
          done.push(`${name} to ${id}`)
        },
      }),
      start: async (type: string, { workflowId }: { workflowId: string }) =>
        done.push(`${type} ${workflowId}`),
    }
    return {
      done,
      client: { withDeadline: (_: number, run: () => unknown) => run(), workflow } as unknown as Client,
    }
  }

  it('is told to its workflow while that runs', async () => {
    const { done, client } = temporal()
    await takeBackOrder(client, '42', 'cancel')
    expect(done).toEqual([`cancel to ${orderWorkflowId('42')}`])
  })

  it('is seen to by a workflow of its own once the other is over', async () => {
    const { done, client } = temporal(new WorkflowNotFoundError('over', orderWorkflowId('42'), undefined))
    await takeBackOrder(client, '42', 'refund')
    expect(done).toEqual(['refundOrder refund-42'])
  })

  it('fails when Temporal is away', async () => {
    await expect(takeBackOrder(temporal(new Error('UNAVAILABLE')).client, '42', 'cancel')).rejects.toThrow()
  })
})

describe('looking at Temporal', () => {
  it('says what is missing when it has no address', async () => {
    expect(await lookAtTemporal({})()).toBe('TEMPORAL_ADDRESS is not set')
  })

  it('puts gRPC errors into words', () => {
    expect(describeTemporalError({ details: 'Deadline exceeded after 3s' })).toBe('no answer in time')
    expect(describeTemporalError({ details: 'Request unauthorized.' })).toBe('Request unauthorized.')
    expect(describeTemporalError(new Error('odd\nthing'))).toBe('odd thing')
  })

  it('explains what an address looks like', async () => {
    expect(await explainUnreachable('https://temporal', 10)).toBe('the address should look like host:7233')
  })
})
