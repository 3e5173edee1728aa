import { describe, expect, it } from 'vitest'
import { deployCommand } from '../../../../scripts/commands/deploy.ts'
import { forgetEvidence, keepEvidence } from '../../../../scripts/deploy/evidence.ts'
import { readJournal } from '../../../../scripts/deploy/journal.ts'
import { releases } from '../../../../scripts/history/releases.ts'
import { apiService, other } from '../../../../scripts/stack/colours.ts'
import { steadyStack } from '../../../simulation/context.ts'
import { promised } from '../../../simulation/disk.ts'
import type { SimulatedImage } from '../../../simulation/images.ts'
import { migrationName } from '../../../simulation/images.ts'
import { addImage, startedStack } from '../../../simulation/stack.ts'
import { runWith } from './running.ts'

async function failedDeploy(change: (image: SimulatedImage) => void) {
  const { host, expected } = await startedStack(4, false)
  host.disk.remove('hooks')
  const names = ['init', 'stock', 'price'].map((what, at) => migrationName(at + 1, what))
  const image = addImage(host, 'good', names)
  image.replay = 'passes'
  change(image)
  const values = { yes: true, canary: 'none', soak: '0' }
  const line = { spec: deployCommand, values, operands: [image.reference] }
  expect(await runWith(host, line, 'none', 0, () => {})).toBe('failed')
  const [release] = releases(await readJournal(promised(host.disk)))
  if (!release) throw new Error('the journal is empty')
  return { host, release, image, service: apiService(other(expected.active)) }
}

describe('a failed release', () => {
  it('leaves what is known of its container, which ended before the old image came back', async () => {
    const { host, release, service } = await failedDeploy((image) => {
      image.behaviour = 'no background'
    })
    const folder = `.ecomweb/failures/${release.id}`
    expect(release.kept).toBe(folder)
    const files = ['files', 'json', 'log', 'processes'].map((kind) => `${service}.${kind}`)
    expect(host.disk.list(folder)).toEqual(expect.arrayContaining(files))
    expect(host.disk.read(`${folder}/${service}.log`)).toBe('a line of the application\n')
    const [container] = JSON.parse(host.disk.read(`${folder}/${service}.json`) ?? '')
    expect(container).toMatchObject({ Image: release.image, State: { Running: true } })
  })

  it('leaves nothing of the container that it never replaced', async () => {
    const { host, release } = await failedDeploy((image) => {
      image.replay = 'fails'
    })
    expect(release).toMatchObject({ result: 'failed', failure: { step: 'replay' } })
    expect(release.kept).toBeUndefined()
    expect(host.disk.list('.ecomweb/failures')).toEqual([])
  })

  it('says which migrations stay, when the replay is refused after them', async () => {
    const { release } = await failedDeploy((image) => {
      image.replay = 'fails'
    })
    expect(release.migrations).toEqual(['002_stock', '003_price'])
  })

  it('says so only of those that were applied', async () => {
    const { release } = await failedDeploy((image) => {
      image.refused = { name: '003_price', undone: true }
    })
    expect(release.migrations).toEqual(['002_stock'])
  })
})

describe('evidence', () => {
  it('has no secrets of the environment', async () => {
    const { context, during, host } = await steadyStack()
    const Env = ['APP_DB_PASSWORD=hunter2-and-more', 'DATABASE_URL=postgresql://app:pw@db/shop', 'ROLE=api']
    const stdout = JSON.stringify([{ Config: { Env } }])
    const read = { dry: false, run: async () => ({ code: 0, stdout, stderr: '' }) }
    const world = { ...context.world, read }
    const { folder } = await during(keepEvidence(world, { name: 'sim_api_blue', service: 'api' }))
    expect(JSON.parse(host.disk.read(`${folder}/api.json`) ?? '')[0].Config.Env).toEqual([
      'APP_DB_PASSWORD=[REDACTED]',
      'DATABASE_URL=postgresql://app:[REDACTED]@db/shop',
      'ROLE=api',
    ])
  })

  it('of the five newest failures is kept', async () => {
    const { host } = await startedStack(1, false)
    const ids = [1, 2, 3, 4, 5, 6].map((hour) => `20261122-0${hour}0000`)
    host.disk.settle('.ecomweb/failures/2026-11-22T050000.000Z-ecomweb_api_blue.log', 'of an older kit')
    for (const id of ids) host.disk.settle(`.ecomweb/failures/${id}/api.log`, '')
    await forgetEvidence(promised(host.disk))
    expect(host.disk.list('.ecomweb/failures')).toEqual(ids.slice(1))
  })
})
