import { audit } from '../e2e/chaos/audit.ts'
import { entriesFrom, journalSize, reach } from '../e2e/chaos/journal.ts'
import { imageId } from '../e2e/harness/images.ts'
import { start } from '../e2e/harness/process.ts'
import type { Stack } from '../e2e/harness/stack.ts'
import { waitUntil } from '../e2e/harness/wait.ts'
import { type EngineCell, nameOf } from './cells.ts'
import type { OwnEngine } from './engine.ts'

/** Canary and soak at their shortest. */
export const DEPLOY = ['--canary', '50', '--soak', '2s', '--yes', '--json']

/** How long a deploy may go on when there is no engine any more. */
const GIVES_UP_WITHIN_MS = 120_000

/** What one cell showed. */
export type EngineResult = {
  cell: string
  /** Exit code of the deploy whose engine died. */
  deploy: number
  /** Milliseconds from the death of the engine to the end of the deploy. */
  gaveUpMs: number
  /** The last thing that the deploy wrote into its journal. */
  journal: string
  /** What the next command exited with: 76 when it says that something is unfinished. */
  next: number
  ended: 'new release' | 'old release'
  problems: string[]
}

/** Kills the engine in a step of a deploy, starts it again, goes on as the cell says and looks at what came of it. */
export async function experiment(
  stack: Stack,
  engine: OwnEngine,
  cell: EngineCell,
  images: readonly string[],
): Promise<EngineResult> {
  const problems: string[] = []
  const serving = async () =>
    stack.inspect(stack.container(`api_${await stack.active()}`), '{{.Config.Image}}')
  const old = await serving()
  const ids = await Promise.all(images.map((image) => imageId(stack, image)))
  const index = ids[0] === old ? 1 : 0
  const next = ids[index] as string

  const offset = journalSize(stack)
  const options = { cwd: stack.info.folder, check: false, timeoutMs: 600_000 }
  const deploy = start('./ecomweb', ['deploy', images[index] as string, ...DEPLOY], options)
  let lives = true
  const ended = deploy.ended.finally(() => {
    lives = false
  })
  if (!(await reach(stack, offset, { id: cell.step, ms: 600 }, 'in', () => lives))) {
    problems.push(`the deploy ended before ${cell.step}`)
  }
  if (cell.kills !== 'the engine' && lives) process.kill(deploy.pid, 'SIGKILL')
  await engine.kill()
  const killedAt = performance.now()
  const { code, stdout, stderr } = await ended
  const gaveUpMs = Math.round(performance.now() - killedAt)
  if (code === 0) problems.push('the deploy says that it went well')
  if (gaveUpMs > GIVES_UP_WITHIN_MS) problems.push(`the deploy went on for ${gaveUpMs} ms without an engine`)
  console.log(
    `${nameOf(cell)}: the deploy exited ${code} after ${gaveUpMs} ms\n${stdout.slice(-1200)}${stderr}`,
  )
  const last = entriesFrom(stack, offset).at(-1)

  // A step that the engine did not live to see done leaves something to decide.
  if (last?.event === 'end') problems.push(`the journal ends with ${last.result}`)
  await engine.start()
  await waitUntil('the edge answers again', async () => (await stack.get('/health')).status === 200, {
    timeoutMs: 120_000,
  })
  const said = await stack.ecomweb(['rollback', '--dry-run'], { check: false })
  console.log(`the next command exited ${said.code}\n${said.stderr}`)
  problems.push(...(await recover(stack, cell, said)))

  await waitUntil('the stack is settled', async () => (await stack.status()).ok, {
    timeoutMs: 120_000,
    everyMs: 1000,
  }).catch(async (error: Error) => problems.push(error.message, JSON.stringify(await stack.status())))
  problems.push(...(await audit(stack, [old, next])))
  const now = await serving()
  const onward = cell.recovery === 'resume' && cell.kills !== 'the engine'
  if (now !== (onward ? next : old)) problems.push(`it ended in ${now}`)
  return {
    cell: nameOf(cell),
    deploy: code,
    gaveUpMs,
    journal: [last?.event, last?.step ?? last?.result].join(' '),
    next: said.code,
    ended: now === next ? 'new release' : 'old release',
    problems,
  }
}

/** Goes on as the cell says when the next command offers it; a deploy that ended is let be. */
async function recover(
  stack: Stack,
  { kills, recovery }: EngineCell,
  said: { code: number; stderr: string },
): Promise<string[]> {
  if (said.code !== 76) return said.code === 0 ? [] : [`the next command exited ${said.code}: ${said.stderr}`]
  const offers = /resume[\s\S]*abort/.test(said.stderr) ? [] : [`it offers no way on: ${said.stderr}`]
  const done = await stack.ecomweb([recovery, '--json'], { check: false })
  console.log(`${recovery} exited ${done.code}\n${done.stdout.slice(-1200)}${done.stderr}`)
  // What was going back already goes further back, and resume says so: that is an end too.
  const wentBack =
    recovery === 'resume' && kills === 'the engine' && /"result":"(failed|rolled-back)"/.test(done.stdout)
  return done.code === 0 || wentBack ? offers : [...offers, `${recovery} exited ${done.code}: ${done.stderr}`]
}
