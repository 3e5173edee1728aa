import type { StackContext } from '../context.ts'
import { runHook } from '../hooks/run.ts'
import { smokeGate } from '../hooks/smoke.ts'
import type { HookFacts, HookName } from '../hooks/table.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

/** What hooks and notifications are told of a plan. */
export const factsOf = ({ env }: StackContext, plan: Plan): HookFacts => ({
  release: plan.id,
  command: plan.command,
  image: plan.image,
  reference: plan.reference,
  from: plan.from,
  to: plan.to,
  url: `http://localhost${env.HTTP_PORT === 80 ? '' : `:${env.HTTP_PORT}`}`,
  by: plan.by,
})

/** A hook of the project as a step; none where the plan was made without that hook. */
export const hook = (context: StackContext, plan: Plan, name: HookName): Step[] =>
  plan.hooks.includes(name)
    ? [
        {
          id: `hook-${name}`,
          title: `run hooks/${name}`,
          run: (detail) => runHook(context.world, name, factsOf(context, plan), context.settings, detail),
        },
      ]
    : []

/** The new version is tried through the edge, by its preview, before any user sees it. */
export const smoke = (context: StackContext, plan: Plan): Step => ({
  id: 'smoke',
  title: `smoke test of ${plan.to}`,
  run: (detail) =>
    context.world.act(
      `smoke test of ${plan.to}: ${context.settings.smoke.map(({ method, path }) => `${method} ${path}`).join(', ')}`,
      () => smokeGate(context.world, factsOf(context, plan), context.settings, context.env.HTTP_PORT, detail),
      { ran: false },
    ),
})
