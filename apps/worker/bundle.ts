/**
 * Bundles the workflows for the sandbox in which Temporal runs them: `node apps/worker/bundle.ts OUTPUT`.
 * Made once per image, so that a worker neither compiles at its start nor needs a compiler.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

export const WORKFLOWS = join(import.meta.dirname, 'workflows.ts')

/** The code of the bundle. */
export async function bundleWorkflows(): Promise<string> {
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('WARN') })
  return code
}

if (import.meta.main) {
  const output = process.argv[2]
  if (!output) throw new Error('usage: node apps/worker/bundle.ts OUTPUT')
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, await bundleWorkflows())
}
