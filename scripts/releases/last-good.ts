import type { Entry } from '../deploy/journal.ts'
import type { Disk } from '../ports.ts'
import { difference } from './difference.ts'
import { type Release, readRelease } from './record.ts'

/** The last release that went live here with a record of its own. */
export async function lastGood(disk: Disk, entries: readonly Entry[]): Promise<Release | undefined> {
  for (const { event, command, result, reason, id } of entries.toReversed()) {
    // A rollback that failed was rolled back, too; the reason tells them apart.
    const good = result === 'deployed' || (command === 'rollback' && result === 'rolled-back' && !reason)
    const release = event === 'end' && good ? await readRelease(disk, id) : undefined
    if (release) return release
  }
  return undefined
}

/** What a release changed against the last good one; nothing where either has no whole record. */
export async function sinceLastGood(disk: Disk, entries: readonly Entry[], id: string): Promise<string[]> {
  const [before, after] = [await lastGood(disk, entries), await readRelease(disk, id)]
  if (!before || !after) return []
  return difference(disk, before, after).catch(() => [])
}
