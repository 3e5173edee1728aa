import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createStack } from '../e2e/harness/create.ts'
import { buildImage } from '../e2e/harness/images.ts'
import { run } from '../e2e/harness/process.ts'
import { ENGINE_CELLS } from './cells.ts'
import { OwnEngine } from './engine.ts'
import { DEPLOY, type EngineResult, experiment } from './experiment.ts'

/**
 * The part that runs in namespaces of its own (network, mounts, processes), started by run.ts:
 * `node enclosed.ts FOLDER DOCKERD`. Writes FOLDER/results.json after each cell. When it ends, however it ends,
 * the kernel ends every process that it left and forgets its network and its mounts.
 */
const [folder = '', dockerd = ''] = process.argv.slice(2)

const SHIPPED = 'ecomweb/app:local'
const IMAGES = [
  ...['haproxy:3.2', 'redis:8', 'postgres:17', 'temporalio/server:1.31.2', 'temporalio/admin-tools:1.31.2'],
  SHIPPED,
]

await run('ip', ['link', 'set', 'lo', 'up'])
// Out of sight: a containerd that the host runs as a service, which the engine would take for its own.
mkdirSync('/run/containerd', { recursive: true })
await run('mount', ['-t', 'tmpfs', 'ecomweb-engine', '/run/containerd'])
process.env.TMPDIR = join(folder, 'tmp')
mkdirSync(process.env.TMPDIR, { recursive: true })

const engine = new OwnEngine(join(folder, 'engine'), dockerd)
process.env.DOCKER_HOST = engine.host
const results: EngineResult[] = []
const say = (text: string) => console.log(`${Math.round(performance.now() / 1000)} s: ${text}`)
try {
  await engine.start()
  say('the engine answers')
  await engine.load(IMAGES)
  say('it has the images')
  const id = (await run('docker', ['image', 'inspect', '--format', '{{.Id}}', SHIPPED])).stdout.trim()
  const given = { API_BLUE_IMAGE: id, API_GREEN_IMAGE: id, BACKGROUND_IMAGE: id }
  const stack = await createStack({ given, args: ['--no-install'] })
  stack.editKitSetting('canary_step', '1s')
  const images = [await buildImage(stack, 'v-odd'), await buildImage(stack, 'v-even')]
  await stack.ecomweb(['deploy', images[0] as string, ...DEPLOY])
  say('the stack runs the first release')
  const wanted = process.env.ENGINE_CELLS?.split(',').map(Number)
  for (const [index, cell] of ENGINE_CELLS.entries()) {
    if (wanted && !wanted.includes(index)) continue
    results.push(await experiment(stack, engine, cell, images))
    say(JSON.stringify(results.at(-1)))
    writeFileSync(join(folder, 'results.json'), JSON.stringify(results))
  }
} catch (error) {
  console.error(error, engine.log())
  process.exitCode = 1
} finally {
  await engine.stop()
}
