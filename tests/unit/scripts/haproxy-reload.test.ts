import { describe, expect, it } from 'vitest'
import { Plan } from '../../../scripts/deploy/plan.ts'
import type { Step } from '../../../scripts/deploy/steps.ts'
import { CONFIGURATION, reloadEdge } from '../../../scripts/haproxy/reload.ts'
import { recordRelease } from '../../../scripts/releases/record.ts'
import { restoreFiles } from '../../../scripts/releases/restore.ts'
import { steadyStack } from '../../simulation/context.ts'
import { promised } from '../../simulation/disk.ts'

const quiet: Parameters<Step['run']>[0] = () => {}

describe('a reload of HAProxy', () => {
  it('has happened when the step ends, also soon after a start', async () => {
    const { host, during, context } = await steadyStack()
    host.disk.settle(CONFIGURATION, 'global # new\n')
    await during(reloadEdge(context).run(quiet))
    expect(host.edge.configuration).toBe('global # new\n')
  })

  it('takes back the configuration of a release whose files are taken back', async () => {
    const { host, during, context } = await steadyStack()
    await recordRelease(promised(host.disk), { id: 'old', image: 'x', reference: 'x', shipped: [] })
    host.disk.settle(CONFIGURATION, 'global # now\n')
    host.edge.reload()
    const common = { from: 'blue', to: 'green', before: {}, image: 'x', reference: 'x' }
    const step = restoreFiles(context, Plan.parse({ id: 'one', command: 'rollback', ...common }), 'old')
    await during(step.run(quiet))
    await during(reloadEdge(context).run(quiet))
    expect(host.edge.configuration).toBe('global\n')
    await during(step.undo?.() ?? Promise.reject())
    expect(host.edge.configuration).toBe('global # now\n')
  })
})
