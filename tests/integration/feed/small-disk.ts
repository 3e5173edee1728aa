import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../e2e/harness/process.ts'
import type { FeedServices } from './source.fixture.ts'

const ROOT = join(import.meta.dirname, '../../..')
const IMAGE = 'node:24-bookworm-slim'

/** What the sync of a table came to, and the version that is served afterwards. */
export type Outcome = { table: string; outcome: string; current: string }

/** Syncs tables one after the other in a container whose feed lies on a disk of 2 MiB. */
export async function syncOnSmallDisk(
  { container, user, password }: FeedServices,
  tables: string[],
): Promise<Outcome[]> {
  const settings = {
    FEED_SOURCE_URL: 'http://127.0.0.1:8080/',
    FEED_SOURCE_USER: user,
    FEED_SOURCE_PASSWORD: password,
    FEED_SOURCE_DATABASE: 'shop',
  }
  const folders = [ROOT, realpathSync(join(ROOT, 'node_modules'))]
  const { stdout } = await run('docker', [
    ...['run', '--rm', '--name', `ecw-data-${process.pid}-sync`, '--network', `container:${container}`],
    ...['--tmpfs', '/data/feed:size=2m', ...folders.flatMap((path) => ['-v', `${path}:${path}:ro`])],
    ...[IMAGE, 'node', join(import.meta.dirname, 'sync-child.ts'), JSON.stringify(settings), '/data/feed'],
    ...tables,
  ])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome)
}
