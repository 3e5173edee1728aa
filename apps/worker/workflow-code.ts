import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Made when the image is built; a working tree has none and bundles at the start. */
const BUNDLE = join(import.meta.dirname, '../../build/workflow-bundle.js')

/** Where a worker of Temporal finds the workflows: both that executes them and one that replays them. */
export const workflowCode = () =>
  existsSync(BUNDLE)
    ? { workflowBundle: { codePath: BUNDLE } }
    : { workflowsPath: join(import.meta.dirname, 'workflows.ts') }
