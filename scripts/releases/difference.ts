import { shortId } from '../docker/application-image.ts'
import type { Disk } from '../ports.ts'
import { parseEnvFile } from '../settings/env-file.ts'
import { changedFiles, type Release, releaseFiles } from './record.ts'

/** `.env` holds what a deploy itself changes; that is said as images. */
const OF_EVERY_DEPLOY = /^(API_BLUE|API_GREEN|BACKGROUND|WORKER_PREVIOUS)_IMAGE$/

/** What a release changed against another one, one line each; of settings the names only, since values may be secret. */
export async function difference(disk: Disk, before: Release, after: Release): Promise<string[]> {
  const [old, now] = [await releaseFiles(disk, before), await releaseFiles(disk, after)]
  const settings = ['.env', '.env.api'].flatMap((path) => {
    const names = changedNames(old.get(path) ?? '', now.get(path) ?? '')
    return names.length > 0 ? [`${path}: ${names.join(', ')}`] : []
  })
  const carried = new Set(before.shipped.map(({ name }) => name))
  const migrations = after.shipped.filter(({ name }) => !carried.has(name)).map(({ name }) => name)
  return [
    `image: ${shortId(after.image)} (${after.reference}) instead of ${shortId(before.image)} (${before.reference})`,
    ...(migrations.length > 0 ? [`migrations: ${migrations.join(', ')}`] : []),
    ...changedFiles(before, after)
      .filter((path) => !path.startsWith('.env'))
      .map((path) => `file: ${path}`),
    ...settings,
  ]
}

function changedNames(before: string, after: string): string[] {
  const [old, now] = [parseEnvFile(before), parseEnvFile(after)]
  const names = new Set([...Object.keys(old), ...Object.keys(now)])
  return [...names].filter((name) => old[name] !== now[name] && !OF_EVERY_DEPLOY.test(name)).sort()
}
