import { readFileSync } from 'node:fs'
import { widthOf } from '../../scripts/analysis/statistics.ts'
import type { Counters, Sample } from '../../scripts/analysis/types.ts'
import { between } from '../../scripts/analysis/window.ts'
import { KitError } from '../../scripts/errors.ts'
import { COLOURS, type Colour } from '../../scripts/stack/colours.ts'

/** What one colour answered in one second: errors, and the answers of each bucket of latency: [ms, count]. */
export type Second = { errors: number; latency: [ms: number, count: number][] }

/** Both colours of one release under the same load (A/A), second by second. */
export type Recording = {
  /** Where it is from, for the reader of a result. */
  about: string
  seconds: Record<Colour, Second>[]
}

/** Turns successive looks into seconds; looks across a reset of the counters are left out. */
export function fromSamples(about: string, samples: Sample[]): Recording {
  const second = ({ serverErrors, latency }: Counters): Second => ({
    errors: serverErrors,
    latency: [...latency].sort(([a], [b]) => a - b),
  })
  const seconds = samples.slice(1).flatMap((sample, at) => {
    const window = between(samples[at] as Sample, sample)
    if (window === 'reset') return []
    return [{ blue: second(window.colours.blue.users), green: second(window.colours.green.users) }]
  })
  return { about, seconds }
}

/** Errors: no file, or one in which a colour hardly served: an A/A recording needs both. */
export function readRecording(path: string): Recording {
  const recording = JSON.parse(readFileSync(path, 'utf8')) as Recording
  for (const colour of COLOURS) {
    const served = recording.seconds.filter((second) => answers(second[colour]) > 0).length
    if (served < recording.seconds.length / 2) {
      throw new KitError(
        `${path}: ${colour} served in ${served} of ${recording.seconds.length} seconds only`,
        {
          next: 'node bench/analysis.ts --record 300   (while a canary of the same image runs at 50 %)',
        },
      )
    }
  }
  return recording
}

/** One line a second: small in a repository, and differences can be read. */
export const formatRecording = ({ about, seconds }: Recording): string =>
  `{\n"about": ${JSON.stringify(about)},\n"seconds": [\n${seconds
    .map((second) => JSON.stringify(second))
    .join(',\n')}\n]}\n`

export const answers = ({ latency }: Second): number => latency.reduce((sum, [, count]) => sum + count, 0)

/** The bucket of a latency: HAProxy rounds down to two significant digits. */
export const bucketOf = (ms: number): number => {
  const width = widthOf(Math.max(0, Math.floor(ms)))
  return Math.floor(ms / width) * width
}
