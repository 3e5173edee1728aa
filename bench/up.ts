import { type Clone, cloneProject } from './clone.ts'
import { measure } from './program.ts'
import { ecomweb } from './stack.ts'

const COLD = `A cold start can only be measured on a clean machine: Debian, root, no engine, no images, nothing cached.

  git clone <url of this project> ecomweb && cd ecomweb
  bash -c 'time ./ecomweb up'

What has been installed and built by then makes every later start warmer: take a new machine for each sample.`

await measure({
  name: 'up',
  about: `Measures ./ecomweb up in a clean clone of the committed state, with a name, ports and data of its own:
"clone" is the first, with engine and upstream images present; "unchanged" finds everything running; "warm" comes
after ./ecomweb down, so data and images are there. The clone is removed at the end; other stacks are not touched.

A run that was cut goes on with a new clone, whose first start counts as one more "clone".`,
  flags: {
    unchanged: { default: 5, help: 'how many starts of what runs already' },
    warm: { default: 3, help: 'how many starts after down' },
    cold: { default: false, help: 'only print how to measure a cold start' },
  },
  async run({ runner, results, atEnd, say }, { root, unchanged, warm, cold }) {
    if (cold) return void console.log(COLD)
    const clone = await cloneProject(runner, root)
    atEnd(clone.remove)
    const up = async (series: string, env?: Clone['env']) => {
      const { ms } = await ecomweb(runner, clone.folder, ['up'], env)
      results.add('s', { [series]: ms / 1000 })
      say(`${series}: ${(ms / 1000).toFixed(1)} s`)
    }
    await up('up, clone', clone.env)
    while (results.count('up, unchanged') < unchanged) await up('up, unchanged')
    while (results.count('up, warm') < warm) {
      await ecomweb(runner, clone.folder, ['down'])
      await up('up, warm')
    }
  },
})
