import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that need minutes, the longest first: one of them alone at the end would leave the other stack idle. */
const LONG = [
  'chaos',
  'cron-handover',
  'proof',
  'interruption',
  'feed',
  'migrations',
  'reports',
  'replay-gate',
  'broken-images',
  'releases',
  'autoscale',
].map((name) => `/e2e/${name}.test.ts`)

const rank = ({ moduleId }: TestSpecification): number => {
  const place = LONG.findIndex((file) => moduleId.endsWith(file))
  return place < 0 ? LONG.length : place
}

/** Runs the files that take longest first; all others in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, two) => rank(one) - rank(two))
  }
}
