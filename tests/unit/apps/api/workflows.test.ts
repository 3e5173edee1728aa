import { expect, test } from 'vitest'
import { type WorkflowDriver, WorkflowStarter } from '../../../../apps/api/workflows.ts'
import { silent } from './app.fixture.ts'

function driver(start: WorkflowDriver['start']): WorkflowDriver & { started: string[] } {
  const started: string[] = []
  return {
    started,
    start: (id) => {
      started.push(id)
      return start(id)
    },
    ping: async () => {},
    look: async () => {},
    close: async () => {},
  }
}

test('starts the workflow of each order', async () => {
  const temporal = driver(async () => {})
  const starter = new WorkflowStarter(temporal, silent)
  starter.start('a')
  starter.start('b')
  await starter.close()
  expect(temporal.started).toEqual(['a', 'b'])
})

test('leaves orders to the sweeper for a while after a failure, then tries again', async () => {
  let now = 0
  const temporal = driver(async () => {
    throw new Error('away')
  })
  const starter = new WorkflowStarter(temporal, silent, () => now)
  starter.start('fails')
  await new Promise(setImmediate)
  starter.start('left to the sweeper')
  now = 2000
  starter.start('tried again')
  await starter.close()
  expect(temporal.started).toEqual(['fails', 'tried again'])
})

test('does not pile up what a slow Temporal cannot take', async () => {
  const slow = Promise.withResolvers<void>()
  const temporal = driver(() => slow.promise)
  const starter = new WorkflowStarter(temporal, silent)
  for (let n = 0; n < 1000; n++) starter.start(`order-${n}`)
  expect(temporal.started).toHaveLength(64)
  slow.resolve()
  await starter.close()
})
