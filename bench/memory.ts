import { setTimeout as delay } from 'node:timers/promises'
import { adminSocket, askHaproxy } from '../scripts/haproxy/socket.ts'
import { parseMemory } from './docker-stats.ts'
import { measure } from './program.ts'
import { publicRequests, runningStack } from './stack.ts'

await measure({
  name: 'memory',
  about: `Measures the memory of every container of a stack after it was idle for a while, as docker stats shows it.

Requests that come in meanwhile are counted and reported; HAProxy's checks and the cron job are part of idling.`,
  flags: {
    idle: { default: 60, least: 0, most: 3600, help: 'seconds to wait before the first look' },
    looks: { default: 3, most: 100, help: 'how many looks' },
    pause: { default: 5, least: 0, most: 600, help: 'seconds between two looks' },
  },
  async run({ runner, results, say, signal }, { root, idle, looks, pause }) {
    const requests = async () => publicRequests(await askHaproxy(adminSocket(root), 'show stat'))
    const { containers } = await runningStack(runner, root)
    const names = containers.map(({ name }) => name).sort()
    const before = await requests()
    if (idle > 0) say(`waiting ${idle} s`)
    await delay(idle * 1000, undefined, { signal })
    const stats = { file: 'docker', args: ['stats', '--no-stream', '--format', '{{json .}}', ...names] }
    while (results.count('sum') < looks) {
      if (results.count('sum') > 0) await delay(pause * 1000, undefined, { signal })
      const found = parseMemory((await runner.run(stats)).stdout)
      const sum = Object.values(found).reduce((total, mib) => total + mib, 0)
      results.add('MiB', { ...Object.fromEntries(names.map((name) => [name, found[name] ?? 0])), sum })
    }
    results.facts['requests meanwhile'] = String((await requests()) - before)
  },
})
