import type { StackContext } from '../context.ts'
import { type Container, containerOf } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import { keepEvidence, logOf } from './evidence.ts'

/**
 * The error for a release whose container misbehaves: what was seen, the container's state, its last lines, and where
 * all that is known of it is kept, since the container itself is about to be replaced.
 */
export async function containerFailure(
  context: StackContext,
  service: string,
  reasons: string[],
  { what = `${service} did not become ready`, facts = {} }: { what?: string; facts?: object } = {},
): Promise<KitError> {
  const { env, world } = context
  const container = await containerOf(world.read, env.ECOMWEB_NAME, service)
  if (!container) {
    return new KitError(what, {
      why: [...reasons, 'it has no container'].join('\n'),
      next: './ecomweb status',
    })
  }
  const { output: text, folder } = await keepEvidence(world, container)
  const file = folder ? logOf(folder, service) : `the output of docker compose logs ${service}`
  return new KitError(what, {
    why: [...reasons, state(container), 'its last lines:', ...lastLines(text)].join('\n'),
    next: `read ${file}, mend the image, then ./ecomweb deploy again`,
    facts: { ...facts, log: file, exitCode: container.exitCode, oomKilled: container.oomKilled },
  })
}

const state = (container: Container): string =>
  [
    `the container is ${container.status}`,
    ...(container.restarts ? [`was restarted ${container.restarts} times`] : []),
    ...(container.exitCode ? [`last exit code ${container.exitCode}`] : []),
    ...(container.oomKilled ? ['killed because it used more memory than its limit'] : []),
  ].join(', ')

/** A stack trace in JSON would bury the rest; the file has it whole. */
const LINE = 240

const lastLines = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .slice(-15)
    .map((line) => `  ${line.length > LINE ? `${line.slice(0, LINE)}…` : line}`)
