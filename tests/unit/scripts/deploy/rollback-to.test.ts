import { describe, expect, it } from 'vitest'
import { rollbackCommand } from '../../../../scripts/commands/switch.ts'
import { JOURNAL, readJournal } from '../../../../scripts/deploy/journal.ts'
import { releaseTag } from '../../../../scripts/docker/application-image.ts'
import { recordRelease } from '../../../../scripts/releases/record.ts'
import { audit } from '../../../simulation/audit.ts'
import { promised } from '../../../simulation/disk.ts'
import { migrationName } from '../../../simulation/images.ts'
import { addImage, startedStack } from '../../../simulation/stack.ts'
import { runWith } from './running.ts'

const ID = '20261120-050000'

/** A stack with a release from before worker versions in its records. */
async function stackWithOldRelease() {
  const { host, expected } = await startedStack(1, false)
  host.random.chance = () => false
  host.temporal.knows = true
  const { disk, tags } = host
  const { id: image, reference } = addImage(host, 'good', [migrationName(1, 'init')])
  tags.set(releaseTag('sim', image), image)
  const now = disk.read('docker-compose.yml') ?? ''
  disk.settle('docker-compose.yml', now.replaceAll('TEMPORAL_DEPLOYMENT_NAME', 'NOTHING_KNOWN_TODAY'))
  await recordRelease(promised(disk), { id: ID, image, reference, shipped: [] })
  disk.settle('docker-compose.yml', now)
  return { host, expected }
}

describe('a rollback to a release from before worker versions', () => {
  it('is refused before anything changes, since what serves would lose its workers', async () => {
    const { host, expected } = await stackWithOldRelease()
    const before = host.disk.read(JOURNAL)
    const said: string[] = []
    const { tell } = host.watch
    host.watch.tell = (what, detail) => {
      said.push(`${what} ${detail ?? ''}`)
      return tell.call(host.watch, what, detail)
    }
    expect(await runWith(host, { spec: rollbackCommand, operands: [ID] }, 'none', 0, () => {})).toBe('failed')
    expect(said.join('\n')).toContain(`the files of release ${ID} know nothing of worker versions`)
    expect(host.disk.read(JOURNAL)).toBe(before)
    expect(await audit(host, expected)).toEqual([])
  })

  it('goes on where Temporal knows no versions either', async () => {
    const { host } = await stackWithOldRelease()
    host.temporal.knows = false
    expect(await runWith(host, { spec: rollbackCommand, operands: [ID] }, 'none', 0, () => {})).toBe('done')
    const journal = await readJournal(promised(host.disk))
    expect(journal.at(-1)).toMatchObject({ event: 'end', result: 'rolled-back' })
  })
})
