import { join } from 'node:path'
import { KitError } from '../../errors.ts'
import type { Runner } from '../../run.ts'
import type { Processes, Service } from '../facts.ts'

/** What PM2 is told in each application container. Errors: an ecosystem file cannot be loaded. */
export async function readProcesses(
  runner: Runner,
  root: string,
  services: Service[],
  declared: Record<string, string>,
): Promise<Processes[]> {
  const asked = services.flatMap(({ name, environment }) => {
    const role = environment.ECOMWEB_ROLE
    const file = join(root, `volumes/backend-api/ecosystem.${role}.config.js`)
    return role ? [{ service: name, file, environment: { ...declared, ...environment } }] : []
  })
  const ended = await runner.run(
    {
      file: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'ecosystem.ts')],
      // By standard input, since the environments hold passwords.
      input: JSON.stringify(asked),
    },
    { check: false, timeoutMs: 15_000 },
  )
  if (ended.code === 0) return JSON.parse(ended.stdout) as Processes[]
  throw new KitError('an ecosystem file in volumes/backend-api cannot be loaded', {
    why: `PM2 would not start a single process: ${reason(ended.stderr)}`,
    next: 'mend the file that is named, then ./ecomweb doctor',
  })
}

/** Node prints the place first and the error itself somewhere below. */
const reason = (stderr: string): string => {
  const lines = stderr.trim().split('\n')
  const error = lines.find((line) => /^\w*Error\b/.test(line))
  return [lines[0], error].filter(Boolean).join(': ')
}
