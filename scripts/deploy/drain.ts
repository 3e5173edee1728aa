import type { StackContext } from '../context.ts'
import { beginIn, execIn } from '../docker/containers.ts'
import { readStats } from '../haproxy/stats.ts'
import type { Command } from '../run.ts'
import type { Colour } from '../stack/colours.ts'
import type { Step } from './steps.ts'

/** Zero three times in a row: a request may have chosen its backend a moment before it is counted. */
const QUIET_LOOKS = 3

/**
 * Waits until nothing is in flight on a colour, or until the drain deadline.
 * Resolves with what was still in flight then; zero means drained.
 */
export async function drainColour(
  context: StackContext,
  colour: Colour,
  detail: (text: string) => void,
): Promise<number> {
  const { settings, world } = context
  let quiet = 0
  let left = 0
  const look = async (): Promise<number | undefined> => {
    const { sessions, queued } = (await readStats(world))[colour]
    left = sessions + queued
    quiet = left === 0 ? quiet + 1 : 0
    if (left) detail(`${left} in flight on ${colour}`)
    return quiet >= QUIET_LOOKS ? 0 : undefined
  }
  const limit = { timeoutMs: settings.drain_deadline, intervalMs: 100, assume: 0 }
  return world.until(`${colour} has nothing in flight`, look, limit).catch(() => left)
}

/** Softly, spread over the window of the settings: the clients of a whole shop must not all come back at once. */
const drainStreams = (
  { env, settings }: StackContext,
  colour: Colour,
  inside: (container: string, command: string[]) => Command,
): Command =>
  inside(`${env.ECOMWEB_NAME}_api_${colour}`, ['drain-streams', '--window', String(settings.drain_window)])

/**
 * Has a colour that users have just left close its streams, which would else stay where they are for as long as it
 * stays up. Nobody waits for it, and a colour that cannot, since it is down, has none.
 */
export async function closeStreams(context: StackContext, left: Colour): Promise<void> {
  await context.world.runner.run(drainStreams(context, left, beginIn), { check: false, timeoutMs: 10_000 })
}

/** What follows where the colour that was left is not about to be replaced: a switch, a warm rollback. */
export const leaveStreams = (context: StackContext, left: Colour): Step => ({
  id: 'streams',
  title: `close streams of ${left}`,
  run: () => closeStreams(context, left),
})

/** Closes the old colour's streams softly, then waits for its requests; the colour stays up, warm. */
export const drainOld = (context: StackContext, old: Colour): Step => ({
  id: 'drain',
  title: `drain streams of ${old}`,
  async run(detail) {
    const { settings, world, progress } = context
    const closed = await world.runner.run(drainStreams(context, old, execIn), {
      check: false,
      timeoutMs: settings.drain_window + 30_000,
    })
    // A stream that could not be closed softly is a stream kept, not a deploy lost.
    if (closed.code !== 0)
      progress.note(`drain-streams failed on ${old}: ${closed.stderr.trim().split('\n').at(-1)}`)
    const left = await drainColour(context, old, detail)
    if (left > 0) progress.note(`${left} requests or streams are still on ${old}; it stays up, they go on`)
  },
})
