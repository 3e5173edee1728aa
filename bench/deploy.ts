import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseKitSettings } from '../scripts/settings/kit-settings.ts'
import { overhead, stepDurations } from './deploy-report.ts'
import { measure } from './program.ts'
import { AT_ONCE, buildSiblings } from './siblings.ts'
import { ecomweb } from './stack.ts'

await measure({
  name: 'deploy',
  about: `Measures deploys on a running stack: images that differ from the live one in a label alone, in turns.

"overhead" is what a caller waits beyond the start of the new containers, until they are ready, and the configured
wait for the old streams. Nothing is lost meanwhile. At the end two more deploys, not counted, bring both colours back
to the images that they had; which of the two is live by name (blue or green) may differ.`,
  flags: { deploys: { default: 3, most: 50, help: 'how many' } },
  async run(kit, { root, deploys }) {
    const { runner, results, say } = kit
    const siblings = await buildSiblings(kit, root)
    const settings = parseKitSettings(readFileSync(join(root, 'docker-compose.yml'), 'utf8'))
    while (results.count('deploy, wall') < deploys) {
      const image = siblings[results.count('deploy, wall') % siblings.length] as string
      const { ms, lines } = await ecomweb(runner, root, ['deploy', image, ...AT_ONCE])
      const steps = stepDurations(lines)
      results.add('ms', { ...steps, 'deploy, wall': ms, 'deploy, overhead': overhead(ms, steps, settings) })
      say(`${results.count('deploy, wall')} of ${deploys} deploys`)
    }
  },
})
