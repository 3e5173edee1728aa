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
    takeBack: (id, by) => {
      started.push(`${by} ${id}`)
      return start(id)
    },
    progress: async () => [{ name: 'reserve', state: 'running' }],
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

test('asks nothing of a Temporal that has just failed, and does not fail itself', async () => {
  const temporal = driver(async () => {
    throw new Error('away')
  })
  const starter = new WorkflowStarter(temporal, silent, () => 0)
  expect(await starter.progress('a')).toEqual([{ name: 'reserve', state: 'running' }])
  temporal.progress = () => Promise.reject(new Error('no worker answers'))
  expect(await starter.progress('a')).toBeUndefined()
  starter.takeBack('a', 'cancel')
  await new Promise(setImmediate)
  temporal.progress = () => Promise.reject(new Error('asked all the same'))
  starter.takeBack('b', 'refund')
  expect([await starter.progress('a'), temporal.started]).toEqual([undefined, ['cancel a']])
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
