import { beforeAll, describe, expect, it } from 'vitest'
import { parseCounters } from '../../../scripts/analysis/counters.ts'
import { inspectImage, missingFromContract, parseImage } from '../../../scripts/docker/application-image.ts'
import { inspectContainers, listContainers, parseContainers } from '../../../scripts/docker/containers.ts'
import { parseShowMap } from '../../../scripts/haproxy/routes.ts'
import { isServing, parseStats } from '../../../scripts/haproxy/stats.ts'
import type { Command, Result } from '../../../scripts/run.ts'
import { COLOURS } from '../../../scripts/stack/colours.ts'
import { parseReady, preview } from '../../../scripts/stack/probe.ts'
import { judge } from '../../../scripts/stack/readiness.ts'
import { programOf } from '../../simulation/docker.ts'
import type { Host } from '../../simulation/host.ts'
import { answer, PORTS } from '../../simulation/http.ts'
import docker from '../../simulation/recordings/docker.json' with { type: 'json' }
import edge from '../../simulation/recordings/edge.json' with { type: 'json' }
import ready from '../../simulation/recordings/ready.json' with { type: 'json' }
import { startedStack } from '../../simulation/stack.ts'

// Recorded by tests/simulation/record.ts beside a stack that was well; the simulated one is, too.
let host: Host
beforeAll(async () => {
  host = (await startedStack(3, false)).host
})

const run = (command: Command): Result => {
  const program = programOf(host, command)
  for (;;) {
    const { done, value } = program.next()
    if (done) return value
  }
}

/** The keys and kinds of a value, to any depth; of a list, those of its first element. */
const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape)
  if (value instanceof Map) return 'map'
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
}

describe('the simulated Docker answers as the recorded one', () => {
  it('lists containers', () => {
    const lines = /^([0-9a-f]{64}\n)+$/
    expect(docker.list).toMatch(lines)
    expect(run(listContainers('sim')).stdout).toMatch(lines)
  })

  it('inspects them', () => {
    const ids = run(listContainers('sim')).stdout.trim().split('\n')
    const { stdout } = run(inspectContainers(ids))
    expect(shape(JSON.parse(stdout))).toEqual(shape(docker.containers))
    const simulated = parseContainers(stdout)
    for (const service of ['ecomweb_api_blue', 'ecomweb_api_green', 'ecomweb_cron', 'ecomweb_worker']) {
      const facts = (list: typeof simulated) => {
        const found = list.find((container) => container.service === service)
        const { name, status, health, running, exitCode, oomKilled, restarts } = found ?? list[0] ?? {}
        return { name, status, health, running, exitCode, oomKilled, restarts }
      }
      expect(facts(simulated)).toEqual(facts(parseContainers(JSON.stringify(docker.containers))))
    }
  })

  it('inspects an image', () => {
    const { stdout } = run(inspectImage('shop:1'))
    expect(shape(JSON.parse(stdout))).toEqual(shape(docker.images))
    const [simulated, recorded] = [
      parseImage('shop:1', stdout),
      parseImage('x', JSON.stringify(docker.images)),
    ]
    expect(simulated.variables).toMatchObject(recorded.variables)
    expect([simulated, recorded].map(missingFromContract)).toEqual([[], []])
  })

  it('knows nothing of what is absent', () => {
    expect(run(inspectContainers(['ecomweb-absent']))).toEqual(docker.absentContainer)
    expect(run(inspectImage('ecomweb-absent'))).toEqual(docker.absentImage)
  })
})

describe('the simulated HAProxy answers as the recorded one', () => {
  const MAP = '/usr/local/etc/haproxy/state/routes.map'

  it('shows the map', () => {
    const lines = /^0x[0-9a-f]+ active (blue|green)\n0x[0-9a-f]+ weight 0\n\n$/
    expect(edge.map).toMatch(lines)
    expect(host.edge.ask(`show map ${MAP}`)).toMatch(lines)
    expect(parseShowMap(host.edge.ask(`show map ${MAP}`)).weight).toBe(parseShowMap(edge.map).weight)
  })

  it('shows statistics', () => {
    const [simulated, recorded] = [host.edge.ask('show stat'), edge.counters]
    const columns = (text: string) => (text.split('\n')[0] ?? '').replace(/,$/, '').split(',')
    expect(columns(recorded).slice(0, columns(simulated).length)).toEqual(columns(simulated))
    for (const colour of COLOURS) {
      expect(parseStats(simulated)[colour]).toEqual(parseStats(recorded)[colour])
      expect(isServing(parseStats(simulated)[colour])).toBe(true)
    }
  })

  it('counts answers', () => {
    const simulated = host.edge.ask('show stat; show table answers')
    expect(shape(parseCounters(simulated))).toEqual(shape(parseCounters(edge.counters)))
    const between = /,\n\n# table: answers, type: integer, size:512, used:\d+\n0x[0-9a-f]+: key=\d+ /
    for (const text of [simulated, edge.counters]) expect(text).toMatch(between)
  })

  it('tells how long it runs', () => {
    for (const text of [host.edge.ask('show info'), edge.info])
      expect(text).toMatch(/^Pid: \d+\n(.*\n)*Uptime_sec: \d+$/m)
  })
})

describe('the simulated application answers as the recorded one', () => {
  it.each(COLOURS)('%s, on its own port', (colour) => {
    const simulated = answer(host, PORTS[colour], '/ready')
    expect([simulated.status, simulated.headers]).toEqual([ready[colour].status, ready[colour].headers])
    expect(shape(parseReady(simulated.body))).toEqual(shape(parseReady(ready[colour].body)))
  })

  it.each(COLOURS)('%s, by its preview', async (colour) => {
    const recorded = ready.previews[COLOURS.indexOf(colour)] as (typeof ready.previews)[number]
    const http = { request: async (...given: [number, string]) => answer(host, ...given) }
    const disk = { read: async (path: string) => host.disk.read(path) } as Parameters<
      typeof preview
    >[0]['disk']
    const simulated = await preview({ disk, http }, PORTS.edge, colour, '/ready')
    expect([simulated.status, simulated.headers]).toEqual([recorded.status, recorded.headers])
    const stats = parseStats(edge.counters)[colour]
    for (const said of [simulated, recorded]) {
      expect(judge(colour, parseReady(said.body)?.image ?? '', stats, said)).toEqual({ ready: true })
    }
  })

  it('not without the token', () =>
    expect(answer(host, PORTS.edge, '/ready')).toEqual({
      ...ready.withoutToken,
      headers: { 'content-type': expect.stringContaining('application/json') },
    }))
})
