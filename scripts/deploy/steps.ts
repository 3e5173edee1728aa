import type { Progress } from '../output/progress.ts'
import type { Journal } from './journal.ts'

/** One step of a plan. `undo` brings back what `run` changed, also when `run` failed halfway. */
export type Step = {
  title: string
  run(detail: (text: string) => void): Promise<unknown>
  undo?: () => Promise<unknown>
}

/**
 * Runs steps in order, each announced in the journal before it acts. When one fails, the begun ones are undone
 * in reverse order; a failing undo is reported and the rest still undone. Rethrows the first error. An interruption
 * counts as a failure of the step that it meets.
 */
export async function runSteps(
  steps: Step[],
  journal: Journal,
  progress: Progress,
  interrupted: AbortSignal,
): Promise<void> {
  const begun: Step[] = []
  for (const step of steps) {
    journal.write({ event: 'step', step: step.title })
    begun.push(step)
    try {
      const start = performance.now()
      await progress.step(step.title, step.run)
      interrupted.throwIfAborted()
      journal.write({ event: 'step-done', step: step.title, ms: Math.round(performance.now() - start) })
    } catch (error) {
      journal.write({ event: 'step-failed', step: step.title, error: (error as Error).message })
      await undo(begun, journal, progress)
      throw error
    }
  }
}

async function undo(begun: Step[], journal: Journal, progress: Progress): Promise<void> {
  for (const step of begun.toReversed()) {
    if (!step.undo) continue
    journal.write({ event: 'undo', step: step.title })
    try {
      await progress.step(`undo: ${step.title}`, step.undo)
    } catch (error) {
      journal.write({ event: 'undo-failed', step: step.title, error: (error as Error).message })
      progress.note(`could not undo "${step.title}": ${(error as Error).message}`)
    }
  }
}
