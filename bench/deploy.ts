import { shortId } from '../scripts/docker/application-image.ts'
import type { Runner } from '../scripts/run.ts'
import { apiService, COLOURS, other } from '../scripts/stack/colours.ts'
import { stepDurations } from './deploy-report.ts'
import { measure } from './program.ts'
import { containerOf, ecomweb, liveColour, runningStack } from './stack.ts'

const REPOSITORY = 'ecomweb-bench'
const LABEL = 'ecomweb.bench=deploy'
const TWINS = ['a', 'b'] as const

const docker = async (runner: Runner, args: string[], input?: string): Promise<string> =>
  (await runner.run({ file: 'docker', args, ...(input ? { input } : {}) })).stdout.trim()

/** An image that differs from the shipped one in a label alone: a deploy costs what the kit costs. */
async function buildTwin(runner: Runner, shipped: string, twin: string): Promise<string> {
  const reference = `${REPOSITORY}:${twin}`
  // A build cannot begin from a bare id.
  await docker(runner, ['tag', shipped, `${REPOSITORY}:shipped`])
  const dockerfile = `FROM ${REPOSITORY}:shipped\nLABEL ${LABEL} ecomweb.bench.twin=${twin}\n`
  await docker(runner, ['build', '--quiet', `--tag=${reference}`, '-'], dockerfile)
  return reference
}

/** Takes away what this program and the kit named; an image that a container still uses stays. */
async function removeTwins(runner: Runner): Promise<void> {
  const tags = ['image', 'ls', '--filter', `label=${LABEL}`, '--format', '{{.Repository}}:{{.Tag}}']
  const named = (await docker(runner, tags)).split('\n').filter((tag) => tag && !tag.includes('<none>'))
  const all = [...named, `${REPOSITORY}:shipped`]
  await runner.run({ file: 'docker', args: ['image', 'rm', ...all] }, { check: false })
}

await measure({
  name: 'deploy',
  about: `Measures deploys on a running stack: two images that differ from the live one in a label alone, in turns.

Nothing is lost meanwhile. At the end two more deploys, not counted, bring both colours back to the images that
they had; which of the two is live by name (blue or green) may differ.`,
  flags: { deploys: { default: 3, most: 50, help: 'how many' } },
  async run({ runner, results, atEnd, say }, { root, deploys }) {
    const { containers } = await runningStack(runner, root)
    const live = liveColour(root)
    const { facts } = results
    facts['live image'] ??= containerOf(containers, apiService(live)).imageId
    facts['idle image'] ??= containerOf(containers, apiService(other(live))).imageId
    const before = [facts['idle image'], facts['live image']]
    results.save()

    atEnd(removeTwins)
    atEnd(async (runner) => {
      const now = (await runningStack(runner, root)).containers
      if (COLOURS.every((colour) => before.includes(containerOf(now, apiService(colour)).imageId))) return
      for (const image of before) {
        say(`bringing back ${shortId(image)}`)
        await ecomweb(runner, root, ['deploy', image, '--canary', 'none', '--soak', '0', '--yes'])
      }
    })
    const twins: string[] = []
    for (const twin of TWINS) twins.push(await buildTwin(runner, before[1] as string, twin))
    while (results.count('deploy, wall') < deploys) {
      const twin = twins[results.count('deploy, wall') % twins.length] as string
      const { ms, lines } = await ecomweb(runner, root, [
        'deploy',
        twin,
        '--canary',
        'none',
        '--soak',
        '0',
        '--yes',
      ])
      results.add('ms', { ...stepDurations(lines), 'deploy, wall': ms })
      say(`${results.count('deploy, wall')} of ${deploys} deploys`)
    }
  },
})
