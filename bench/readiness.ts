import { execIn } from '../scripts/docker/containers.ts'
import type { Command } from '../scripts/run.ts'
import { apiService, other } from '../scripts/stack/colours.ts'
import { measure } from './program.ts'
import { containerOf, liveColour, runningStack, timed } from './stack.ts'

/** The probe that the image declares, one look. The shell only resolves the variable. */
const probe = (container: string): Command => execIn(container, ['sh', '-c', 'exec $READY_COMMAND --once'])

/** What start-up scripts commonly use instead. It proves less: it passes on an empty database. */
const prismaExecute = (container: string): Command => ({
  file: 'docker',
  args: ['exec', '-i', container, 'npx', 'prisma', 'db', 'execute', '--stdin'],
  input: 'SELECT 1',
})

await measure({
  name: 'readiness',
  about: `Measures the readiness probe beside "npx prisma db execute --stdin" in the same container, in pairs.

Times are those of the whole \`docker exec\`; "exec alone" runs \`true\`. The order within a pair alternates. The
API container is the one that serves no users; cron has a quarter of a processor, so everything takes longer there.`,
  flags: {
    pairs: { default: 10, help: 'pairs in the API container' },
    'cron-pairs': { default: 3, least: 0, help: 'pairs in the cron container' },
  },
  async run({ runner, results, say }, { root, pairs, 'cron-pairs': cronPairs }) {
    const { containers } = await runningStack(runner, root)
    const places = [
      { place: 'API', service: apiService(other(liveColour(root))), count: pairs },
      { place: 'cron', service: 'ecomweb_cron', count: cronPairs },
    ]
    const wall = async (command: Command) =>
      (await timed(() => runner.run(command, { timeoutMs: 120_000 }))).ms
    for (const { place, service, count } of places) {
      const ratio = `${place}: prisma / probe`
      if (results.count(ratio) >= count) continue
      const { name } = containerOf(containers, service)
      // The first of each fills caches and is not counted.
      for (const command of [probe(name), prismaExecute(name)]) await wall(command)
      while (results.count(ratio) < count) {
        const measured = { probe: Number.NaN, prisma: Number.NaN }
        const order = results.count(ratio) % 2 === 0 ? ['probe', 'prisma'] : ['prisma', 'probe']
        for (const which of order as (keyof typeof measured)[])
          measured[which] = await wall(which === 'probe' ? probe(name) : prismaExecute(name))
        const bare = await wall(execIn(name, ['true']))
        results.add('ms', {
          [`${place}: readiness probe`]: measured.probe,
          [`${place}: prisma db execute`]: measured.prisma,
          [`${place}: exec alone`]: bare,
        })
        results.add('x', { [ratio]: measured.prisma / measured.probe })
      }
      say(`${count} pairs in ${name}`)
    }
  },
})
