import { statfs } from 'node:fs/promises'
import type { StackContext } from '../context.ts'
import { runHook } from '../hooks/run.ts'
import type { HookName } from '../hooks/table.ts'
import { notify } from '../notify/notify.ts'
import { post } from '../notify/post.ts'
import { releaseFolder } from '../releases/record.ts'
import { filesBefore } from '../releases/restore.ts'
import { retain } from '../releases/retain.ts'
import { forgetVersions } from '../workers/forget.ts'
import { carryOut, type Outcome } from './engine.ts'
import { forgetEvidence } from './evidence.ts'
import { factsOf } from './hooks.ts'
import { readJournal } from './journal.ts'
import type { Plan } from './plan.ts'

/** Carries out a plan and tells whoever wants to know, at its begin and at its end. */
export async function conduct(context: StackContext, plan: Plan): Promise<Outcome> {
  const told = tell(context, plan, 'started')
  const outcome = await carryOut(context, plan)
  await told
  await conclude(context, plan, outcome)
  return outcome
}

/** What follows an end; none of it can change how it ended. */
export async function conclude(context: StackContext, plan: Plan, outcome: Outcome): Promise<void> {
  const { world, settings, progress } = context
  const reason = outcome.error instanceof Error ? outcome.error.message : undefined
  const ended = { ...factsOf(context, plan), result: outcome.result, ...(reason ? { reason } : {}) }
  for (const name of hooksAfter(outcome)) {
    const { warning } = await runHook(world, name, ended, settings)
    if (warning) progress.note(warning)
  }
  await tell(context, plan, 'finished', outcome)
  if (!world.runner.dry) await tidy(context, plan)
}

/** Removes the releases that nobody goes back to. What cannot be removed is a note, and tried again next time. */
async function tidy({ world, env, settings, progress }: StackContext, plan: Plan): Promise<void> {
  try {
    await world.disk.remove(releaseFolder(filesBefore(plan)))
    await forgetEvidence(world.disk)
    const journal = await readJournal(world.disk)
    const { notes } = await retain(world, env.ECOMWEB_NAME, journal, settings, statfs)
    for (const note of notes) progress.note(note)
    if (plan.workers.mode === 'versioned') await forgetVersions(world, env.ECOMWEB_NAME)
  } catch (error) {
    progress.note(`old releases were not removed: ${(error as Error).message}`)
  }
}

const hooksAfter = ({ result, error }: Outcome): HookName[] => [
  ...(result === 'deployed' ? (['post-deploy'] as const) : []),
  ...(result === 'rolled-back' ? (['rollback'] as const) : []),
  ...(error === undefined ? [] : (['failure'] as const)),
]

async function tell(
  context: StackContext,
  plan: Plan,
  event: 'started' | 'finished',
  outcome?: Outcome,
): Promise<void> {
  const { world, env, progress } = context
  if (world.runner.dry) return
  const reason = outcome?.error instanceof Error ? outcome.error.message : undefined
  const happening = {
    ...factsOf(context, plan),
    event,
    ...(outcome ? { result: outcome.result, ms: (outcome.ms ?? 0) + (outcome.back_ms ?? 0) } : {}),
    ...(reason ? { reason } : {}),
  }
  for (const note of await notify({ post, clock: world.clock }, env, happening)) progress.note(note)
}
