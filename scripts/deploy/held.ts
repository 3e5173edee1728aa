import type { StackContext } from '../context.ts'
import { isSilence } from '../workers/routing.ts'
import type { Plan } from './plan.ts'
import { Held, type Step } from './steps.ts'

/**
 * A step that follows users who are moved first, as a rollback does. Where Temporal does not answer, they stay: to take
 * them back to what they were just brought away from would help nobody. The step is gone on with by `resume`.
 */
export const held = (context: StackContext, plan: Plan, step: Step): Step => ({
  ...step,
  async run(detail) {
    try {
      return await step.run(detail)
    } catch (error) {
      if (context.interrupted.aborted || !isSilence(error)) throw error
      throw new Held(`users are on ${plan.to} and stay there, but workers do not follow yet`, {
        why: `${(error as Error).message}: ${(error as { why?: string }).why ?? ''}`,
        next: [
          './ecomweb status, and once Temporal answers ./ecomweb resume   (goes on with the workers)',
          `or ./ecomweb abort   (users go back to ${plan.from})`,
        ].join('\n'),
        cause: error,
      })
    }
  },
})
