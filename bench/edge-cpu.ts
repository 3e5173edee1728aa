import { bootstrapMedian } from './edge/bootstrap.ts'
import { VARIANTS, type Variant, writeConfigurations } from './edge/configuration.ts'
import { type Edge, removeEdges, startEdges } from './edge/containers.ts'
import { cpuMs } from './edge/cpu.ts'
import { ensureWrk, load } from './edge/wrk.ts'
import { measure } from './program.ts'

await measure({
  name: 'edge-cpu',
  about: `Measures HAProxy's processor time per request: the rules of haproxy/haproxy.cfg ("rules") beside the same
without those that count answers ("uncounted") and beside a bare configuration with the same log (bench/edge/bare.cfg),
in alternating rounds.

Uses containers and a network of its own (label ecomweb.bench=edge); no stack needs to run. Needs root: the load
generator wrk, installed by apt where absent, runs inside HAProxy's network.`,
  flags: {
    rounds: { default: 5, most: 100, help: 'rounds, each of all configurations' },
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
    for (const variant of VARIANTS) await load(runner, edges[variant].pid, { seconds: 2, connections })

    const round = async ({ pid, pids }: Edge) => {
      const before = cpuMs(pids)
      const { requests, perSecond, p99Ms } = await load(runner, pid, { seconds, connections })
      return { us: ((cpuMs(pids) - before) * 1000) / requests, perSecond, p99Ms }
    }
    const ratios: [Variant, Variant][] = [
      ['rules', 'uncounted'],
      ['rules', 'bare'],
    ]
    while (results.count('rules / bare') < rounds) {
      // Whoever comes later finds a warmer machine, so each takes each place in turn.
      const turn = results.count('rules / bare') % VARIANTS.length
      const measured: Partial<Record<Variant, Awaited<ReturnType<typeof round>>>> = {}
      for (const variant of [...VARIANTS.slice(turn), ...VARIANTS.slice(0, turn)])
        measured[variant] = await round(edges[variant])
      const figures = measured as Required<typeof measured>
      const each = (name: string, value: (variant: Variant) => number) =>
        Object.fromEntries(VARIANTS.map((variant) => [`${variant}: ${name}`, value(variant)]))
      results.add(
        'us',
        each('CPU per request', (variant) => figures[variant].us),
      )
      results.add(
        '1/s',
        each('requests', (variant) => figures[variant].perSecond),
      )
      results.add(
        'ms',
        each('p99', (variant) => figures[variant].p99Ms),
      )
      for (const [a, b] of ratios) results.add('x', { [`${a} / ${b}`]: figures[a].us / figures[b].us })
      say(`${results.count('rules / bare')} of ${rounds} rounds`)
    }
    for (const name of ratios.map((pair) => pair.join(' / '))) {
      const { median, low, high } = bootstrapMedian(results.samples(name))
      const [figure, from, to] = [median, low, high].map((value) => value.toFixed(3))
      results.facts[`${name}, CPU per request`] = `${figure} (95 % interval of the median ${from} to ${to})`
    }
  },
})
