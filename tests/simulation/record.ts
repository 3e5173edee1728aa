/**
 * Records what the real parts answer, so that a test can compare the simulation with it. Only looks; run by hand
 * beside a stack in which both colours are ready:
 *
 *   node tests/simulation/record.ts FOLDER_OF_THE_STACK
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { inspectImage } from '../../scripts/docker/application-image.ts'
import { inspectContainers, listContainers } from '../../scripts/docker/containers.ts'
import type { Answer } from '../../scripts/ports.ts'
import { type Command, execRunner } from '../../scripts/run.ts'
import { parseStackFiles } from '../../scripts/settings/stack-env.ts'
import { COLOURS, imageVariable } from '../../scripts/stack/colours.ts'
import { preview } from '../../scripts/stack/probe.ts'
import { realPorts } from '../../scripts/world.ts'

type Kept = { [key: string]: true | Kept }

/** What is kept of a container and of an image: no environment, no mounts, nothing of the machine. */
const CONTAINER: Kept = {
  Id: true,
  Name: true,
  Image: true,
  RestartCount: true,
  Config: {
    Image: true,
    Labels: {
      'com.docker.compose.project': true,
      'com.docker.compose.service': true,
      'com.docker.compose.oneoff': true,
    },
  },
  State: {
    Status: true,
    Running: true,
    Restarting: true,
    OOMKilled: true,
    ExitCode: true,
    StartedAt: true,
    Health: { Status: true },
  },
}
const CONTRACT = /^(READY_COMMAND|MIGRATE_COMMAND|(API|CRON|WORKER)_ENTRY)=/
const MAP = '/usr/local/etc/haproxy/state/routes.map'

type Json = Record<string, unknown>

function keep(value: Json, kept: Kept): Json {
  const part = (key: string, inner: true | Kept) =>
    inner === true || value[key] === undefined ? value[key] : keep(value[key] as Json, inner)
  return Object.fromEntries(Object.entries(kept).map(([key, inner]) => [key, part(key, inner)]))
}

const root = resolve(process.argv[2] ?? '.')
const { disk, edge, http } = realPorts(root)
const runner = execRunner()
const { env } = parseStackFiles((await disk.read('.env')) ?? '', (await disk.read('.env.api')) ?? '')
const { ECOMWEB_NAME: name, HTTP_PORT, API_BLUE_PORT, API_GREEN_PORT } = env

const run = (command: Command) => runner.run(command, { check: false })
const answered = ({ status, headers, body }: Answer) => ({
  status,
  headers: { 'content-type': headers['content-type'], 'x-served-by': headers['x-served-by'] },
  body,
})

const ids = (await run(listContainers(name))).stdout
const containers = JSON.parse((await run(inspectContainers(ids.trim().split('\n')))).stdout) as Json[]
const images = JSON.parse((await run(inspectImage(env[imageVariable('blue')]))).stdout) as Json[]
const recordings = {
  docker: {
    list: ids,
    containers: containers.map((container) => {
      const networks = Object.keys((container.NetworkSettings as { Networks: Json }).Networks)
      const Networks = Object.fromEntries(networks.map((network) => [network, { IPAddress: '172.18.0.5' }]))
      return { ...keep(container, CONTAINER), NetworkSettings: { Networks } }
    }),
    images: images.map((image) => {
      const Env = (image.Config as { Env: string[] }).Env.filter((line) => CONTRACT.test(line))
      return { ...keep(image, { Id: true, Created: true }), Config: { Env } }
    }),
    absentContainer: await run(inspectContainers(['ecomweb-absent'])),
    absentImage: await run(inspectImage('ecomweb-absent')),
  },
  edge: {
    map: await edge.ask(`show map ${MAP}`),
    counters: await edge.ask('show stat; show table answers'),
    info: await edge.ask('show info'),
  },
  ready: {
    blue: answered(await http.request(API_BLUE_PORT, '/ready')),
    green: answered(await http.request(API_GREEN_PORT, '/ready')),
    previews: await Promise.all(
      COLOURS.map(async (colour) => answered(await preview({ disk, http }, HTTP_PORT, colour, '/ready'))),
    ),
    withoutToken: answered(await http.request(HTTP_PORT, '/ready')),
  },
}

for (const [part, recorded] of Object.entries(recordings)) {
  const text = JSON.stringify(recorded, null, 2).replaceAll(name, 'sim')
  writeFileSync(join(import.meta.dirname, `recordings/${part}.json`), `${text}\n`)
}
