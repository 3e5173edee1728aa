import { describe, expect, it } from 'vitest'
import { readRunning } from '../../../scripts/status/temporal.ts'
import { formatWorkers } from '../../../scripts/workers/report.ts'

/** A server on which so many workflows of each type run. */
function service(running: Record<string, number>) {
  const conditions = (query: string) => query.split(' AND ').slice(1)
  const typesOf = (query: string) =>
    Object.keys(running).filter((type) =>
      conditions(query).every((text) =>
        text.includes('!=') ? text !== `WorkflowType != '${type}'` : text === `WorkflowType = '${type}'`,
      ),
    )
  return {
    listWorkflowExecutions: async ({ query }: { query?: string | null }) => ({
      executions: typesOf(query ?? '').map((name) => ({ type: { name } })),
    }),
    countWorkflowExecutions: async ({ query }: { query?: string | null }) => ({
      count: typesOf(query ?? '').reduce((sum, type) => sum + (running[type] ?? 0), 0),
    }),
  } as unknown as Parameters<typeof readRunning>[0]
}

describe('running workflows', () => {
  it('are counted by type, most first', async () => {
    expect(await readRunning(service({ a: 2, b: 5 }), 'default')).toEqual([
      { type: 'b', count: 5 },
      { type: 'a', count: 2 },
    ])
    expect(await readRunning(service({}), 'default')).toEqual([])
  })
})

describe('workers status', () => {
  const workers = {
    containers: [{ name: 'x-worker-1', image: `sha256:${'ab'.repeat(32)}`, health: 'healthy' }],
    ...{ replicas: 2, task_queue: 'orders' },
    queues: [{ kind: 'workflow' as const, pollers: ['1@a', '2@a'], tasks: 3, oldest_s: 12 }],
    running: [{ type: 'processOrder', count: 4 }],
  }
  it('shows images, what waits and what runs', () => {
    const text = formatWorkers(workers)
    expect(text).toContain('1 of 2 workers are healthy')
    expect(text).toMatch(/x-worker-1 +abababababab +healthy/)
    expect(text).toMatch(/orders +workflow +3 +12 +2$/m)
    expect(text).toMatch(/processOrder +4$/m)
  })
  it('says when nothing runs', () =>
    expect(formatWorkers({ ...workers, running: [] })).toContain('no workflow runs'))
})
