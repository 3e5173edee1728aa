import type { TestProject } from 'vitest/node'
import { createStack, destroyStack } from './harness/create.ts'
import type { StackInfo } from './harness/stack.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    stack: StackInfo
  }
}

/**
 * One stack for all files. E2E_KEEP=1 leaves it running and prints how to use it again: E2E_STACK, a JSON line,
 * runs files against it without building another.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { E2E_STACK: given, E2E_KEEP: keep } = process.env
  if (given) {
    project.provide('stack', JSON.parse(given) as StackInfo)
    return async () => {}
  }
  const stack = await createStack()
  project.provide('stack', stack.info)
  return async () => {
    if (keep) console.log(`kept the stack: E2E_STACK='${JSON.stringify(stack.info)}'`)
    else await destroyStack(stack)
  }
}
