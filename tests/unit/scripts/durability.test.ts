import { describe, expect, it } from 'vitest'
import { appendLine, replaceFile } from '../../../scripts/files/durable.ts'
import type { Disk } from '../../../scripts/ports.ts'
import { readRelease, recordRelease, releaseFiles } from '../../../scripts/releases/record.ts'
import { promised, SimulatedDisk } from '../../simulation/disk.ts'
import { seeded } from '../../simulation/random.ts'

const FILES = {
  '.env': 'API_MEMORY=1G\n',
  'haproxy/haproxy.cfg': 'global\n',
  'volumes/backend-api/start.sh': 'true\n',
}

/** What is left of a change after a power cut, in many ways in which the cut can go. */
async function afterPowerCuts<T>(
  change: (disk: Disk) => Promise<unknown>,
  look: (disk: Disk) => T | Promise<T>,
) {
  const found: T[] = []
  for (let seed = 1; seed <= 50; seed += 1) {
    const disk = new SimulatedDisk(seeded(seed))
    for (const [path, text] of Object.entries(FILES)) disk.settle(path, text)
    disk.makeFolder('.ecomweb')
    const port = promised(disk)
    await change(port)
    disk.powerLoss()
    found.push(await look(port))
  }
  return found
}

describe('what survives a power cut', () => {
  it('a replaced file, whole', async () => {
    const left = await afterPowerCuts(
      (disk) => replaceFile(disk, '.env', 'new\n'),
      (disk) => disk.read('.env'),
    )
    expect(new Set(left)).toEqual(new Set(['new\n']))
  })

  it('the first line of a journal, in a folder that was made a moment before', async () => {
    const left = await afterPowerCuts(
      (disk) => appendLine(disk, '.ecomweb/journal.jsonl', 'begin'),
      (disk) => disk.read('.ecomweb/journal.jsonl'),
    )
    expect(new Set(left)).toEqual(new Set(['begin\n']))
  })

  it('a recorded release with every file of it', async () => {
    const left = await afterPowerCuts(
      (disk) => recordRelease(disk, { id: 'one', image: 'sha256:1', reference: 'shop:1', shipped: [] }),
      async (disk) => {
        const release = await readRelease(disk, 'one')
        return release ? [...(await releaseFiles(disk, release)).keys()].sort() : 'lost'
      },
    )
    for (const files of left) expect(files).toEqual(Object.keys(FILES).sort())
  })
})
