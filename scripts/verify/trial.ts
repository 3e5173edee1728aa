import type { StackContext } from '../context.ts'
import type { ApplicationImage } from '../docker/application-image.ts'
import { containerLogs, execIn } from '../docker/containers.ts'
import { seconds } from '../output/progress.ts'
import { lastLine } from '../preflight/look/engine.ts'
import { CommandFailed } from '../run.ts'
import type { Colour } from '../stack/colours.ts'
import { inspectTrial, remove, removeLeftovers, startTrial, stopTrial, trialName } from './container.ts'
import { failed, type Point, passed, unknown } from './point.ts'
import { type Answer, judgeReady } from './ready.ts'
import { openStream } from './stream.ts'

export type Trial = {
  stack: StackContext
  image: ApplicationImage
  /** The colour that serves; the image is tried in the settings of the other one. */
  active: Colour
  /** An address of the application that answers with an event stream. */
  streamPath: string
}

/** A point that decides whether the following ones can be looked at. */
class Decisive extends Error {
  readonly point: Point
  constructor(point: Point) {
    super(point.detail)
    this.point = point
  }
}

/**
 * Runs the image for real, in a throw-away container on the stack's network that no user reaches, and reports
 * every point as it is known. The container is removed however this ends.
 */
export async function tryOut(trial: Trial, report: (point: Point) => void): Promise<void> {
  const { stack, image, active } = trial
  const { world, env } = stack
  const name = trialName(env.ECOMWEB_NAME)
  await removeLeftovers(world)
  try {
    await world.runner.run(startTrial(name, image.id, active))
    const base = `http://${(await inspectTrial(world.read, name))?.address}:${stack.app.PORT || 3001}`
    report(await answersHealth(trial, name, base))
    const ready = await getsReady(trial, name, base)
    report(ready)
    report(await looksOnce(trial, name, ready))
    report(await drainsStreams(trial, name, base))
    report(await endsSoftly(trial, name, base))
  } catch (error) {
    if (stack.interrupted.aborted) throw stack.interrupted.reason
    if (error instanceof Decisive) report(error.point)
    else if (error instanceof CommandFailed)
      report(failed('start', 'starts', error.why ?? '', error.next ?? ''))
    else throw error
  } finally {
    await world.runner.run(remove([name]), { check: false })
  }
}

async function answersHealth(trial: Trial, name: string, base: string): Promise<Point> {
  const title = 'answers GET /health'
  const start = performance.now()
  const look = async () => ((await ask(`${base}/health`))?.status === 200 ? true : undefined)
  const found = await patiently(trial, name, look)
  if (found === true) return passed('health', title, `200 after ${seconds(performance.now() - start)}`)
  throw new Decisive(
    failed(
      'health',
      title,
      `${found}${await lastWords(trial, name)}`,
      `answer GET /health with 200 on PORT (${base.split(':').at(-1)}) as soon as the process listens`,
    ),
  )
}

async function getsReady(trial: Trial, name: string, base: string): Promise<Point> {
  const title = 'answers GET /ready as the contract says'
  const start = performance.now()
  let reason = 'no answer'
  const look = async (): Promise<'ready' | 'migrations' | undefined> => {
    const said = judgeReady(await ask(`${base}/ready`), trial.image.id, trial.active)
    if (typeof said === 'string') return said
    reason = said.missing
    return undefined
  }
  const found = await patiently(trial, name, look)
  if (found === 'ready') return passed('ready', title, `200 after ${seconds(performance.now() - start)}`)
  if (found === 'migrations') {
    const detail = `it carries migrations that are not applied yet, and this command applies none`
    return unknown('ready', title, detail, './ecomweb deploy applies them before the colour starts')
  }
  return failed('ready', title, `${found}; it says: ${reason}${await lastWords(trial, name)}`, CONTRACT)
}

async function looksOnce({ stack }: Trial, name: string, ready: Point): Promise<Point> {
  const title = 'READY_COMMAND accepts --once'
  const start = performance.now()
  const command = execIn(name, ['bash', '-c', 'exec $READY_COMMAND --once'])
  const { code, stdout, stderr } = await stack.world.read.run(command, { check: false, timeoutMs: 30_000 })
  const took = seconds(performance.now() - start)
  const said = lastLine(`${stdout}\n${stderr}`)
  if (code === 0) return passed('ready-command', title, `${took}: ${said}`)
  // Looking once and saying that something is missing is what it is for.
  if (code === 1 && ready.verdict !== 'ok')
    return passed('ready-command', title, `${took}, not ready: ${said}`)
  return failed('ready-command', title, `exit code ${code} after ${took}: ${said}`, CONTRACT)
}

async function drainsStreams({ stack, streamPath }: Trial, name: string, base: string): Promise<Point> {
  const title = 'drain-streams ends streams softly'
  const stream = await openStream(base + streamPath)
  const command = execIn(name, ['drain-streams', '--window', '200'])
  const { code, stdout, stderr } = await stack.world.read.run(command, { check: false, timeoutMs: 30_000 })
  if (code !== 0) {
    stream?.close()
    return failed('drain-streams', title, `exit code ${code}: ${lastLine(stderr || stdout)}`, CONTRACT)
  }
  if (!stream) {
    const detail = `it runs, but ${streamPath} is no event stream to try it on`
    return unknown('drain-streams', title, detail, './ecomweb verify IMAGE --stream /path/of/one')
  }
  const { softly, retry } = await stream.ended(5000)
  const open = await ask(`${base}/health`)
  if (softly && retry && open?.status === 200) return passed('drain-streams', title, lastLine(stdout))
  const wrong = !softly
    ? 'the stream was not ended'
    : !retry
      ? 'it ended without `retry:`'
      : 'nothing answers afterwards'
  return failed('drain-streams', title, wrong, CONTRACT)
}

/** What Docker and PM2 take beyond the application itself. */
const OVERHEAD_MS = 3000

async function endsSoftly({ stack, image, streamPath }: Trial, name: string, base: string): Promise<Point> {
  const title = 'drains on SIGTERM and exits 0'
  const limitMs = Number(image.variables.APP_DRAIN_LIMIT_MS || 30_000)
  const stream = await openStream(base + streamPath)
  const start = performance.now()
  await stack.world.runner.run(stopTrial(name))
  const tookMs = performance.now() - start
  const softly = stream === undefined || (await stream.ended(1000)).softly
  const ended = await inspectTrial(stack.world.read, name)
  const next =
    'on SIGTERM: stop accepting, answer what is in flight, end streams, exit 0 (DEPLOYMENT.md, "The image contract")'
  if (ended?.exitCode !== 0) {
    const killed = ended?.exitCode === 137 ? ': it was killed at the end of stop_grace_period' : ''
    return failed('drain', title, `exit code ${ended?.exitCode} after ${seconds(tookMs)}${killed}`, next)
  }
  if (tookMs > limitMs + OVERHEAD_MS)
    return failed(
      'drain',
      title,
      `it took ${seconds(tookMs)}, longer than its limit of ${seconds(limitMs)}`,
      next,
    )
  if (!softly) return failed('drain', title, 'an open event stream was cut off instead of ended', next)
  return passed('drain', title, `exit code 0 after ${seconds(tookMs)}`)
}

const CONTRACT = 'see DEPLOYMENT.md, "The image contract"'

/** What `look` finds, or why it was given up: time is over, or the container ended or restarted. */
async function patiently<T>(
  { stack }: Trial,
  name: string,
  look: () => Promise<T | undefined>,
): Promise<T | string> {
  const { world, settings, interrupted } = stack
  const timeoutMs = settings.ready_timeout
  const either = async (): Promise<T | string | undefined> => {
    const found = await look()
    if (found !== undefined) return found
    const container = await inspectTrial(world.read, name)
    return container?.running ? undefined : `the container ended with exit code ${container?.exitCode}`
  }
  const late = `not within ${seconds(timeoutMs)}`
  const found = await world
    .until('the image answers', either, { timeoutMs, intervalMs: 250, assume: late })
    .catch(() => late)
  interrupted.throwIfAborted()
  return found
}

async function lastWords({ stack }: Trial, name: string): Promise<string> {
  const logs = await stack.world.read.run(containerLogs(name, 8), { check: false })
  const lines = `${logs.stdout}${logs.stderr}`.trim().split('\n').filter(Boolean)
  return lines.length > 0 ? `\n${lines.map((line) => `  ${line}`).join('\n')}` : ''
}

async function ask(url: string): Promise<Answer | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3000) })
    return { status: answer.status, body: await answer.text() }
  } catch {
    return undefined
  }
}
