import type { Context, StackContext } from '../context.ts'
import { type Finding, judgeFacts, type Outcome } from './check.ts'
import { CHECKS } from './checks.ts'
import { gather } from './gather.ts'

/** Every check with what it saw or found. Changes nothing and never fails: what cannot be seen is a finding. */
export const examine = async (context: Context, reference?: string): Promise<Outcome[]> =>
  judgeFacts(CHECKS, await gather(context, reference))

/** What stands against deploying `image`, or, without it, the image that serves. Empty when nothing does. */
export const runPreflight = async (
  stack: StackContext,
  { image }: { image?: string } = {},
): Promise<Finding[]> => (await examine(stack, image)).flatMap(({ findings }) => findings)
