import { describe, expect, it } from 'vitest'
import { type PinnedExecution, pinnedToOthers } from '../../../../apps/worker/versions/pinned.ts'
import type { Poller } from '../../../../apps/worker/versions/pollers.ts'
import { WorkflowRelease } from '../../../../apps/worker/versions/release.ts'
import { readReplayed } from '../../../../apps/worker/versions/replay.ts'

const NOW = 1_000_000
const pinned = (version: string, runId: string): PinnedExecution => ({
  ...{ type: 'sendOrderWebhook', workflowId: `workflow-${runId}`, runId, closed: false, version },
})

/** The process `me` of shop:new, and what runs pinned to versions. `wrong` are runs that its code cannot go on with. */
function releaser(running: PinnedExecution[], wrong: string[] = []) {
  const state = { clock: NOW, current: 'shop:new', alive: ['shop:new me'], failing: false }
  const [released, replayed, said]: [string[], string[], string[]] = [[], [], []]
  const say = (_: object, text: string) => void said.push(text)
  const release = new WorkflowRelease({
    ...{ own: 'shop:new', identity: 'me', now: () => state.clock },
    log: { info: say, warn: say, error: say } as never,
    async see() {
      if (state.failing) throw new Error('away')
      const pollers = state.alive.map((text): Poller => {
        const [version = '', identity = ''] = text.split(' ')
        return { version, identity, lastAccess: state.clock }
      })
      return { current: state.current, pollers }
    },
    find: async (versions, skip) =>
      running.filter(({ version, runId }) => !versions.has(version) && !skip(runId)),
    async replay(executions) {
      replayed.push(...executions.map(({ runId }) => runId))
      const [passed, failed] = [false, true].map((fails) =>
        executions.filter(({ runId }) => wrong.includes(runId) === fails),
      )
      return {
        passed: (passed ?? []).map(({ runId }) => runId),
        failed: (failed ?? []).map(({ type, workflowId, runId }) => ({
          ...{ type, workflow_id: workflowId, run_id: runId, message: 'another activity' },
          event: { id: 5, type: 'ActivityTaskScheduled' },
        })),
      }
    },
    async release({ runId }) {
      released.push(runId)
    },
  })
  const at = async (seconds: number, changes: Partial<typeof state> = {}) => {
    Object.assign(state, changes, { clock: NOW + seconds * 1000 })
    await release.look()
  }
  return { at, released, replayed, said }
}

describe('workflows without workers', () => {
  it('are released when their version has had none for two minutes', async () => {
    const { at, released, said } = releaser([pinned('shop:old', '1'), pinned('shop:old', '2')])
    await at(0)
    await at(119)
    expect(released).toEqual([])
    await at(120)
    expect(released).toEqual(['1', '2'])
    expect(said).toEqual(['released to shop:new: 2 workflows without workers'])
  })

  it('stay while their version has workers, and the two minutes begin anew when it had some', async () => {
    const { at, released } = releaser([pinned('shop:old', '1')])
    await at(0)
    await at(119, { alive: ['shop:new me', 'shop:old other'] })
    await at(240, { alive: ['shop:new me'] })
    await at(359)
    expect(released).toEqual([])
    await at(360)
    expect(released).toEqual(['1'])
  })

  it('stay, and are named once, if this release cannot go on with them', async () => {
    const { at, released, replayed, said } = releaser(
      [pinned('shop:old', '1'), pinned('shop:older', '2')],
      ['2'],
    )
    for (const seconds of [0, 120, 140, 300]) await at(seconds)
    expect([released, replayed.filter((run) => run === '2')]).toEqual([['1', '1', '1'], ['2']])
    expect(said.filter((text) => text.includes('waits'))).toEqual([
      'sendOrderWebhook workflow-2 waits for workers of shop:older: shop:new cannot go on with it' +
        ' at event 5 (ActivityTaskScheduled): another activity. Start a worker of that version, or deploy a release' +
        ' that can go on with it',
    ])
  })

  it('are left to the current version, and there to one process', async () => {
    const running = [pinned('shop:old', '1')]
    const other = releaser(running)
    for (const seconds of [0, 120]) await other.at(seconds, { current: 'shop:old' })
    const second = releaser(running)
    for (const seconds of [0, 120]) await second.at(seconds, { alive: ['shop:new me', 'shop:new a'] })
    expect([other.replayed, second.replayed]).toEqual([[], []])
  })

  it('are looked for again after a failure, of which it speaks once', async () => {
    const { at, released, said } = releaser([pinned('shop:old', '1')])
    await at(0)
    for (const seconds of [20, 40]) await at(seconds, { failing: true })
    await at(120, { failing: false })
    expect(released).toEqual(['1'])
    expect(said).toEqual([
      'cannot look after old versions: trying again',
      'released to shop:new: 1 workflows without workers',
    ])
  })
})

describe('a replay apart', () => {
  const executions = [pinned('shop:old', '1'), pinned('shop:old', '2')]

  it('that is killed leaves behind the workflow that never ended', () => {
    expect(readReplayed(executions, 'begun 1\nbegun 2\n', 'replay: no end after 40000 ms')).toEqual({
      passed: [],
      failed: [
        { type: 'sendOrderWebhook', workflow_id: 'workflow-2', run_id: '2', message: 'it never ends' },
      ],
    })
  })

  it('blames no workflow for any other end', () => {
    expect(() => readReplayed(executions, 'begun 1\n', 'Killed')).toThrow('the replay ended early: Killed')
    expect(() => readReplayed(executions, '', '')).toThrow('without a word')
  })
})

it('only as many are found as are wanted, and no quote breaks out of the question', async () => {
  const asked: string[] = []
  const visibility = {
    list({ query }: { query: string }) {
      asked.push(query)
      return (async function* () {
        for (const runId of ['1', '2', '3', '4'])
          yield {
            ...{ type: 'cleanUp', workflowId: 'w', runId },
            searchAttributes: { TemporalWorkerDeploymentVersion: ['shop:old'] },
          }
      })()
    },
  }
  const options = { most: 2, skip: (runId: string) => runId === '1' }
  const found = await pinnedToOthers(visibility, 'shop', ["shop:it's", 'shop:new'], options)
  expect(found.map(({ runId, version }) => [runId, version])).toEqual([
    ['2', 'shop:old'],
    ['3', 'shop:old'],
  ])
  expect(asked[0]).toContain("!= 'shop:it\\'s' AND TemporalWorkerDeploymentVersion != 'shop:new'")
})
