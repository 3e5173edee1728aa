import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../../scripts/deploy/journal.ts'
import { planDeploy } from '../../../../scripts/deploy/prepare.ts'
import { findImage } from '../../../../scripts/docker/application-image.ts'
import { lastGood } from '../../../../scripts/releases/last-good.ts'
import { recordRelease } from '../../../../scripts/releases/record.ts'
import { steadyStack } from '../../../simulation/context.ts'
import { promised } from '../../../simulation/disk.ts'

describe('a plan', () => {
  it('reloads HAProxy where no release says what it runs with', async () => {
    const { during, context } = await steadyStack()
    const image = await during(findImage(context.world.read, 'shop:1'))
    const { plan } = await during(planDeploy(context, image, { canary: [], soak: 0 }))
    expect(plan.reload_edge).toBe(true)
  })
})

describe('the last good release', () => {
  it('is not the one that a failed rollback was to bring back', async () => {
    const { host } = await steadyStack()
    const disk = promised(host.disk)
    const end = (id: string, command: Entry['command'], result: string, more = {}): Entry => ({
      ...{ at: '', event: 'end', id, command, result },
      ...more,
    })
    for (const id of ['one', 'two']) await recordRelease(disk, { id, image: id, reference: id, shipped: [] })
    const good = [end('one', 'deploy', 'deployed'), end('two', 'rollback', 'rolled-back')]
    expect((await lastGood(disk, good))?.id).toBe('two')
    const failed = [
      end('one', 'deploy', 'deployed'),
      end('two', 'rollback', 'rolled-back', { reason: 'ill' }),
    ]
    expect((await lastGood(disk, failed))?.id).toBe('one')
  })
})
