import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CHECK } from '../../scripts/haproxy/reload.ts'
import { ensureImages } from '../../scripts/images/ensure.ts'
import { execRunner } from '../../scripts/run.ts'

const runner = execRunner()
const quiet = {
  note: () => {},
  step: <T>(_title: string, run: (detail: () => void) => Promise<T>) => run(() => {}),
}
const VERSIONS = ['haproxy:3.2', 'haproxy:3.0']
let edge: string

beforeAll(async () => {
  await ensureImages({ runner, progress: quiet, images: VERSIONS })
  edge = mkdtempSync(join(tmpdir(), 'ecomweb-edge-'))
  chmodSync(edge, 0o755)
  for (const file of ['haproxy.cfg', 'init.sh']) cpSync(resolve('haproxy', file), join(edge, file))
  const init = ['run', '--rm', '--network=none', '--user=0:0', `--volume=${edge}:/edge`, '--entrypoint=sh']
  await runner.run({ file: 'docker', args: [...init, 'haproxy:3.2', '/edge/init.sh'] })
}, 300_000)

afterAll(() => rmSync(edge, { recursive: true, force: true }))

it.each(VERSIONS)('%s accepts the configuration without a warning', async (image) => {
  const mounts = [`--volume=${edge}:/usr/local/etc/haproxy:ro`, `--volume=${edge}/run:/run/ecomweb`]
  const checked = await runner.run(
    {
      file: 'docker',
      args: [
        'run',
        '--rm',
        '--network=none',
        '--user=99:99',
        ...mounts,
        '--entrypoint=haproxy',
        image,
        ...CHECK.slice(1),
      ],
    },
    { check: false },
  )
  expect(`${checked.stdout}${checked.stderr}`).not.toMatch(/WARNING|ALERT/)
  expect(checked.code).toBe(0)
})
