import type { TestProject } from 'vitest/node'
import { createStack, destroyStack } from './harness/create.ts'
import type { Stack, StackInfo } from './harness/stack.ts'
import { STACKS } from './stacks.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    stacks: StackInfo[]
  }
}

/**
 * One stack for each file that runs at a time. E2E_KEEP=1 leaves them running and prints how to use one again: E2E_STACK,
 * a JSON line, runs files one after another (--maxWorkers 1) against it without building another.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { E2E_STACK: given, E2E_KEEP: keep } = process.env
  if (given) {
    project.provide('stacks', [JSON.parse(given) as StackInfo])
    return async () => {}
  }
  const stacks: Stack[] = []
  // One after another: what the first one builds, the next one finds.
  for (let lane = 1; lane <= Math.min(STACKS, project.config.maxWorkers ?? STACKS); lane += 1)
    stacks.push(await createStack({ lane }))
  project.provide(
    'stacks',
    stacks.map(({ info }) => info),
  )
  return async () => {
    for (const stack of stacks) {
      if (keep) console.log(`kept the stack: E2E_STACK='${JSON.stringify(stack.info)}'`)
      else await destroyStack(stack)
    }
  }
}
