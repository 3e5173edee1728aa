import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Env } from '../../core/env.ts'
import type { Failure } from '../replay/histories.ts'
import type { Execution } from '../replay/sample.ts'
import { REPLAY_PROGRAM } from '../replay-program.ts'

/** The runs with which this release can go on, and those with which it cannot; what was not looked at is in neither. */
export type Replayed = { passed: string[]; failed: Failure[] }

const LIMIT_MS = 30_000

type Where = Pick<Env, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'> & {
  /** The file of another bundle than that of this release. */
  bundle?: string
  limitMs?: number
  signal: AbortSignal
}

/**
 * Replays workflows in a process of its own, which begins none after `limitMs` and is killed 10 s later. Rejects if nothing
 * can be said.
 */
export async function replayApart(executions: Execution[], where: Where): Promise<Replayed> {
  const { bundle, limitMs = LIMIT_MS, signal, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = where
  const child = spawn(process.execPath, [REPLAY_PROGRAM, String(limitMs), ...(bundle ? [bundle] : [])], {
    env: { ...process.env, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE },
    ...{ signal, killSignal: 'SIGKILL' },
  })
  child.stdin.on('error', () => {}) // of a child that is gone; its end says why
  child.stdin.end(JSON.stringify(executions))
  const [output, complaint] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return readReplayed(executions, output, complaint)
}

/** What the child says. One that had to be killed leaves behind which workflow it did not get through. */
export function readReplayed(executions: Execution[], output: string, complaint: string): Replayed {
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  if (last.startsWith('{')) return JSON.parse(last) as Replayed
  const stuck = executions.find(({ runId }) => last === `begun ${runId}`)
  if (!stuck || !complaint.includes('no end after'))
    throw new Error(`the replay ended early: ${complaint.trim().slice(-2000) || 'without a word'}`)
  const { type, workflowId, runId } = stuck
  return { passed: [], failed: [{ type, workflow_id: workflowId, run_id: runId, message: 'it never ends' }] }
}
