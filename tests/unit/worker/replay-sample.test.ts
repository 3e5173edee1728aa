import { describe, expect, it } from 'vitest'
import { sample, type Visibility } from '../../../apps/worker/replay/sample.ts'

type Run = { type: string; workflowId: string; runId: string; status: string; closed?: string }

const NOW = new Date('2026-11-22T12:00:00Z')

/** A server that knows these runs, newest first, and answers the queries that are asked of it. */
function server(runs: Run[]): Visibility & { asked: string[] } {
  const asked: string[] = []
  const value = (text: string) => text.slice(1, -1).replaceAll("\\'", "'").replaceAll('\\\\', '\\')
  const fits = (run: Run, condition: string): boolean => {
    const [, name, operator, given = ''] = /^(\w+) (=|!=|>) ('.*')$/.exec(condition) ?? []
    const wanted = value(given)
    if (name === 'ExecutionStatus') return run.status === wanted
    if (name === 'CloseTime') return (run.closed ?? '') > wanted
    if (name === 'WorkflowType') return operator === '=' ? run.type === wanted : run.type !== wanted
    throw new Error(`not understood: ${condition}`)
  }
  const find = (query: string) => {
    asked.push(query)
    return runs.filter((run) => query.split(' AND ').every((condition) => fits(run, condition)))
  }
  return {
    asked,
    count: async (query) => ({ count: find(query).length }),
    async *list({ query }) {
      yield* find(query)
    },
  }
}

const runs = (type: string, count: number, more: Partial<Run> = {}): Run[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ type, workflowId: `${type}-${at}`, runId: 'r', status: 'Running' },
    ...more,
  }))

const LIMITS = { perType: 4, closedWithinMs: 3_600_000 }
const ids = ({ executions }: Awaited<ReturnType<typeof sample>>) =>
  executions.map(({ workflowId }) => workflowId)

describe('the sample of workflows to replay', () => {
  it('has the newest and the oldest of each type, the types in turn', async () => {
    const found = await sample(server([...runs('a', 9), ...runs('b', 3)]), LIMITS, NOW)
    expect(found.types).toEqual([
      { type: 'a', running: 9 },
      { type: 'b', running: 3 },
    ])
    expect(ids(found)).toEqual(['a-0', 'b-0', 'a-1', 'b-1', 'a-8', 'b-2', 'a-7'])
  })

  it('has nothing but what fits a condition and runs, if there is one', async () => {
    const closed = { status: 'Completed', closed: '2026-11-22T11:59:00Z' }
    const at = server([...runs('a', 3), ...runs('b', 2), ...runs('a', 1, closed)])
    const found = await sample(at, { ...LIMITS, only: "WorkflowType != 'b'" }, NOW)
    expect(found.types).toEqual([{ type: 'a', running: 3 }])
    expect(ids(found)).toEqual(['a-0', 'a-1', 'a-2'])
    expect(at.asked.every((query) => query.includes("WorkflowType != 'b'"))).toBe(true)
  })

  it.each([
    [1, ['a-0']],
    [2, ['a-0', 'a-2999']],
    [3, ['a-0', 'a-1', 'a-2999']],
  ])('has %i of a type with thousands', async (perType, expected) => {
    expect(ids(await sample(server(runs('a', 3000)), { ...LIMITS, perType }, NOW))).toEqual(expected)
  })

  it('has a few that completed lately, after all that run', async () => {
    const closed = { status: 'Completed', closed: '2026-11-22T11:30:00.000Z' }
    const old = { status: 'Completed', closed: '2026-11-22T10:30:00.000Z' }
    const all = [
      ...runs('a', 1),
      ...runs('b', 5, closed),
      ...runs('c', 5, old),
      ...runs('d', 5, { status: 'Failed' }),
    ]
    const found = await sample(server(all), { ...LIMITS, perType: 8 }, NOW)
    expect(found.types).toEqual([
      { type: 'a', running: 1 },
      { type: 'b', running: 0 },
    ])
    expect(found.executions.map(({ workflowId, closed }) => [workflowId, closed])).toEqual([
      ['a-0', false],
      ['b-0', true],
      ['b-1', true],
    ])
  })

  it('asks for names with quotes in them as they are', async () => {
    const found = await sample(server(runs("o'brien\\", 2)), LIMITS, NOW)
    expect(found.types).toEqual([{ type: "o'brien\\", running: 2 }])
  })

  it('is empty where nothing runs, and ends with a server that ignores conditions', async () => {
    expect(await sample(server([]), LIMITS, NOW)).toEqual({ types: [], executions: [] })
    const deaf = {
      ...server([]),
      list: () => server(runs('a', 1)).list({ query: "ExecutionStatus = 'Running'" }),
    }
    expect((await sample(deaf, LIMITS, NOW)).types).toHaveLength(1)
  })
})
