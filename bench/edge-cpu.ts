import { writeConfigurations } from './edge/configuration.ts'
import { type Edge, removeEdges, startEdges } from './edge/containers.ts'
import { cpuMs } from './edge/cpu.ts'
import { ensureWrk, load } from './edge/wrk.ts'
import { measure } from './program.ts'

await measure({
  name: 'edge-cpu',
  about: `Measures HAProxy's processor time per request: the rules of haproxy/haproxy.cfg beside a bare configuration
with the same log (bench/edge/bare.cfg), in alternating rounds.

Uses containers and a network of its own (label ecomweb.bench=edge); no stack needs to run. Needs root: the load
generator wrk, installed by apt where absent, runs inside HAProxy's network.`,
  flags: {
    rounds: { default: 5, most: 100, help: 'rounds, each of both configurations' },
    seconds: { default: 5, most: 600, help: 'length of a round for each' },
    connections: { default: 32, most: 1000, help: 'connections kept open' },
    image: { default: 'haproxy:3.2', help: 'the image' },
  },
  async run({ runner, results, atEnd, say }, { root, rounds, seconds, connections, image }) {
    await ensureWrk(runner, say)
    await removeEdges(runner)
    const folders = writeConfigurations(root)
    atEnd(async () => folders.remove())
    atEnd(removeEdges)
    const edges = await startEdges(runner, image, folders)
    for (const { pid } of [edges.rules, edges.bare]) await load(runner, pid, { seconds: 2, connections })

    const round = async ({ pid, pids }: Edge) => {
      const before = cpuMs(pids)
      const { requests, perSecond, p99Ms } = await load(runner, pid, { seconds, connections })
      return { us: ((cpuMs(pids) - before) * 1000) / requests, perSecond, p99Ms }
    }
    while (results.count('rules / bare') < rounds) {
      // Whoever comes second finds a warmer machine, so each comes second every other time.
      const rulesFirst = results.count('rules / bare') % 2 === 0
      const first = await round(rulesFirst ? edges.rules : edges.bare)
      const second = await round(rulesFirst ? edges.bare : edges.rules)
      const [rules, bare] = rulesFirst ? [first, second] : [second, first]
      results.add('us', { 'rules: CPU per request': rules.us, 'bare: CPU per request': bare.us })
      results.add('1/s', { 'rules: requests': rules.perSecond, 'bare: requests': bare.perSecond })
      results.add('ms', { 'rules: p99': rules.p99Ms, 'bare: p99': bare.p99Ms })
      results.add('x', { 'rules / bare': rules.us / bare.us })
      say(`${results.count('rules / bare')} of ${rounds} rounds`)
    }
  },
})
