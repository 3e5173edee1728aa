import { shortId } from '../scripts/docker/application-image.ts'
import type { Runner } from '../scripts/run.ts'
import { apiService, COLOURS, other } from '../scripts/stack/colours.ts'
import type { Kit } from './program.ts'
import { containerOf, ecomweb, liveColour, runningStack } from './stack.ts'

const REPOSITORY = 'ecomweb-bench'
const LABEL = 'ecomweb.bench=deploy'

/** Sends all users to the new version at once and watches nothing. */
export const AT_ONCE = ['--canary', 'none', '--soak', '0', '--yes']

/**
 * Images that differ from the live one in a label alone: a deploy of one costs what the kit costs, and none is a bad
 * release. Taken in turns: they are one more than the colours, so each finds a container that runs another one. At the
 * end two more deploys bring both colours back to the images that they had.
 */
export async function buildSiblings(
  { runner, results, atEnd, say }: Pick<Kit, 'runner' | 'results' | 'atEnd' | 'say'>,
  root: string,
): Promise<string[]> {
  const { containers } = await runningStack(runner, root)
  const live = liveColour(root)
  const { facts } = results
  facts['live image'] ??= containerOf(containers, apiService(live)).imageId
  facts['idle image'] ??= containerOf(containers, apiService(other(live))).imageId
  const before = [facts['idle image'], facts['live image']]
  results.save()

  atEnd(removeSiblings)
  atEnd(async (runner) => {
    const now = (await runningStack(runner, root)).containers
    if (COLOURS.every((colour) => before.includes(containerOf(now, apiService(colour)).imageId))) return
    for (const image of before) {
      say(`bringing back ${shortId(image)}`)
      await ecomweb(runner, root, ['deploy', image, ...AT_ONCE])
    }
  })
  const shipped = facts['live image']
  const siblings: string[] = []
  for (const name of ['a', 'b', 'c']) siblings.push(await buildSibling(runner, shipped, name))
  return siblings
}

const docker = async (runner: Runner, args: string[], input?: string): Promise<string> =>
  (await runner.run({ file: 'docker', args, ...(input ? { input } : {}) })).stdout.trim()

async function buildSibling(runner: Runner, shipped: string, name: string): Promise<string> {
  const reference = `${REPOSITORY}:${name}`
  // A build cannot begin from a bare id.
  await docker(runner, ['tag', shipped, `${REPOSITORY}:shipped`])
  const dockerfile = `FROM ${REPOSITORY}:shipped\nLABEL ${LABEL} ecomweb.bench.sibling=${name}\n`
  await docker(runner, ['build', '--quiet', `--tag=${reference}`, '-'], dockerfile)
  return reference
}

/** Takes away what this program and the kit named; an image that a container still uses stays. */
async function removeSiblings(runner: Runner): Promise<void> {
  const tags = ['image', 'ls', '--filter', `label=${LABEL}`, '--format', '{{.Repository}}:{{.Tag}}']
  const named = (await docker(runner, tags)).split('\n').filter((tag) => tag && !tag.includes('<none>'))
  const all = [...named, `${REPOSITORY}:shipped`]
  await runner.run({ file: 'docker', args: ['image', 'rm', ...all] }, { check: false })
}
