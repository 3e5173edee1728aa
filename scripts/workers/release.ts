import type { StackContext } from '../context.ts'
import { inWords as failureInWords, type ReplayReport, replayIn } from '../deploy/replay.ts'
import { KitError } from '../errors.ts'
import type { Result } from '../run.ts'
import type { Colour } from '../stack/colours.ts'
import { inWords } from './build-id.ts'

/** What a version is to be relieved of, and by whom. */
export type Handover = {
  version: string
  running: number
  /** What cannot go on is a note instead of an error, and stays. */
  lenient: boolean
  /** The colour whose service lends its settings to the replay; undefined where nothing can be replayed. */
  replayOn: Colour | undefined
  /** The image that is to go on with it. */
  image: string
  /** The command to type again. */
  again: string
  detail: (text: string) => void
}

/** Whoever cannot be asked is asked so often where an error would help nobody. */
const TRIES = 3
const SHOWN = 5

/**
 * Hands the running workflows of a version to the current one, after its image has replayed each of them. Resolves with
 * how many. Errors, unless lenient: some cannot go on there, or it could not be seen.
 */
export async function release(context: StackContext, over: Handover): Promise<number> {
  const { world, progress } = context
  const { version, lenient, detail } = over
  const stay: string[] = []
  if (over.replayOn) {
    const seen = await replayAll(context, over, over.replayOn)
    if (!seen) return 0
    stay.push(...seen.failures.map(({ workflow_id }) => workflow_id))
    if (stay.length > 0 && !lenient) throw cannotGoOn(over, seen)
    const unseen = seen.types.reduce((sum, { left_out }) => sum + left_out, 0)
    if (unseen > 0)
      progress.note(`! ${unseen} workflows of ${inWords(version)} were released without a replay`)
  }
  if (stay.length > 0) {
    progress.note(`! ${stay.length} workflows of ${inWords(version)} wait for its workers: ${named(stay)}`)
  }
  const released = await world.versions.release(version, stay)
  detail(`${released} workflows of ${inWords(version)} go on with the release that serves`)
  return released
}

type Replayed = { report: ReplayReport | undefined; ended: Result; verdict: 'can' | 'cannot' | 'unseen' }

/** Has an image replay all that runs on a version. */
export async function replayVersion(
  context: StackContext,
  { version, running, image, detail }: Handover,
  colour: Colour,
): Promise<Replayed> {
  const options = ['--build-id', version, '--per-type', String(Math.min(running + 100, 1000))]
  const { report, ended } = await replayIn(context, { colour, image, options, detail })
  if (context.world.runner.dry) return { report, ended, verdict: 'can' }
  if (ended.code === 0 && report) return { report, ended, verdict: 'can' }
  const cannot = ended.code === 1 && (report?.failures.length ?? 0) > 0
  return { report, ended, verdict: cannot ? 'cannot' : 'unseen' }
}

/** Undefined where it could not be seen and that is no error, and in a dry run. */
async function replayAll(
  context: StackContext,
  over: Handover,
  colour: Colour,
): Promise<ReplayReport | undefined> {
  const { progress } = context
  const { version, running, lenient, again } = over
  for (let left = lenient ? TRIES : 1; left > 0; left -= 1) {
    const { report, ended, verdict } = await replayVersion(context, over, colour)
    if (verdict !== 'unseen') return report
    if (left > 1) continue
    const why = `${ended.stdout}${ended.stderr}`.trim().split('\n').slice(-5).join('\n')
    if (lenient) {
      progress.note(
        `! ${running} workflows of ${inWords(version)} were not released: ${why.split('\n').at(-1)}`,
      )
      return undefined
    }
    throw new KitError(`it could not be seen whether workflows of ${inWords(version)} can go on`, {
      why: why || `exit code ${ended.code}`,
      next: `./ecomweb workers status; then again, or without looking: ${again} --skip-replay`,
    })
  }
  return undefined
}

function cannotGoOn({ version, running, again }: Handover, { failures }: ReplayReport): KitError {
  const more = failures.length - SHOWN
  return new KitError(`${failures.length} workflows of ${inWords(version)} cannot go on with any other`, {
    why: [
      ...failures.slice(0, SHOWN).map(failureInWords),
      ...(more > 0 ? [`and ${more} more`] : []),
      `${running} run on that version; its workers, in ecomweb_worker_previous, would have to go for this deploy`,
    ].join('\n'),
    next: [
      `wait until they have ended (./ecomweb workers drain shows how far they are), then ${again}`,
      `or, if they may fail: ${again} --skip-replay`,
    ].join('\n'),
    facts: { version, failures },
  })
}

const named = (ids: string[]): string =>
  `${ids.slice(0, SHOWN).join(', ')}${ids.length > SHOWN ? `, and ${ids.length - SHOWN} more` : ''}`
