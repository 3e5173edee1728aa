import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StackContext } from '../context.ts'
import { type Container, containerLogs, containerOf } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import { redact } from '../settings/secrets.ts'

/**
 * The error for a container that did not become ready: its state, its last lines, and a file with all of them,
 * since the container itself is about to be replaced.
 */
export async function containerFailure(
  context: StackContext,
  service: string,
  missing: string,
): Promise<KitError> {
  const { root, env, world } = context
  const container = await containerOf(world.read, env.ECOMWEB_NAME, service)
  if (!container)
    return new KitError(`${service} has no container`, { why: missing, next: './ecomweb status' })
  const logs = await world.read.run(containerLogs(container.name, 2000), { check: false })
  const text = redact(`${logs.stdout}${logs.stderr}`)
  const file = save(root, service, text)
  return new KitError(`${service} did not become ready`, {
    why: [missing, state(container), 'its last lines:', ...lastLines(text)].join('\n'),
    next: `read ${file}, mend the image, then ./ecomweb deploy again`,
  })
}

const state = (container: Container): string =>
  [
    `the container is ${container.status}`,
    ...(container.restarts ? [`was restarted ${container.restarts} times`] : []),
    ...(container.exitCode ? [`last exit code ${container.exitCode}`] : []),
    ...(container.oomKilled ? ['killed because it used more memory than its limit'] : []),
  ].join(', ')

const lastLines = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .slice(-15)
    .map((line) => `  ${line}`)

function save(root: string, service: string, text: string): string {
  const folder = join(root, '.ecomweb/failures')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = `${new Date().toISOString().replaceAll(':', '')}-${service}.log`
  writeFileSync(join(folder, file), text, { mode: 0o600 })
  return join('.ecomweb/failures', file)
}
