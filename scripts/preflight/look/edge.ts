import { join } from 'node:path'
import { execIn } from '../../docker/containers.ts'
import { CHECK } from '../../haproxy/reload.ts'
import type { Command, Runner } from '../../run.ts'
import type { FactValues } from '../facts.ts'
import type { Running } from './running.ts'

const FOLDER = '/usr/local/etc/haproxy'

/** What HAProxy itself says of its file as it is now: the running one, else one that is started for the question. */
export async function checkEdge(
  runner: Runner,
  root: string,
  image: string,
  containers: Running[],
): Promise<FactValues['edgeCheck']> {
  const running = containers.find(({ service, running }) => service === 'ecomweb_haproxy' && running)
  const command = running ? execIn(running.name, CHECK) : checkOnce(root, image)
  const { code, stdout, stderr } = await runner.run(command, { check: false, timeoutMs: 30_000 })
  return { accepted: code === 0, output: `${stdout}${stderr}`.trim() }
}

const checkOnce = (root: string, image: string): Command => ({
  file: 'docker',
  args: [
    'run',
    '--rm',
    '--network=none',
    '--user=99:99',
    '--read-only',
    '--cap-drop=ALL',
    `--volume=${join(root, 'haproxy')}:${FOLDER}:ro`,
    '--entrypoint=haproxy',
    image,
    ...CHECK.slice(1),
  ],
})
