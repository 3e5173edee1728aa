import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from './random.ts'
import { type Recording, readRecording } from './recording.ts'
import { NOISY, QUIET, synthetic } from './synthetic.ts'

export const RECORDINGS = join(import.meta.dirname, '../recordings')

/** An hour in which each colour has 200 requests a second, as much as either ever gets in a resampled rollout. */
const SYNTHETIC = { seconds: 3600, perSecond: 400 }

/** Every recording by name, and the two synthetic ones. */
export function sources(seed: number): { name: string; recording: Recording }[] {
  const { seconds, perSecond } = SYNTHETIC
  const files = existsSync(RECORDINGS) ? readdirSync(RECORDINGS).filter((name) => name.endsWith('.json')) : []
  return [
    ...files.map((file) => ({
      name: file.replace('.json', ''),
      recording: readRecording(join(RECORDINGS, file)),
    })),
    ...Object.entries({ 'synthetic quiet': QUIET, 'synthetic noisy': NOISY }).map(([name, noise]) => ({
      name,
      recording: synthetic(name, noise, seconds, perSecond, new Random(seed)),
    })),
  ]
}
