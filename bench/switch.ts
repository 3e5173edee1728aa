import { KitError } from '../scripts/errors.ts'
import type { Runner } from '../scripts/run.ts'
import { type Colour, other } from '../scripts/stack/colours.ts'
import { measure } from './program.ts'
import { ecomweb, liveColour, runningStack } from './stack.ts'

type Report = { changed?: boolean; to?: Colour; moved_ms?: number; commit_ms?: number }

const VERBS = ['switch', 'rollback'] as const

await measure({
  name: 'switch',
  about: `Measures switch and rollback on a running stack, in pairs: one there, one back.

"wall" is what a caller waits for the command, "kit" what the command itself reports, "commit" HAProxy's part.
Users notice nothing; the colour that serves at the start serves at the end.`,
  flags: { pairs: { default: 30, help: 'how many of each' } },
  async run({ runner, results, atEnd, say }, { root, pairs }) {
    await runningStack(runner, root)
    results.facts['colour at the start'] ??= liveColour(root)
    const home = results.facts['colour at the start'] as Colour
    const goHome = async (by: Runner) => {
      if (liveColour(root) !== home) await ecomweb(by, root, ['switch', home])
    }
    atEnd(goHome)
    await goHome(runner)
    while (results.count('rollback, wall') < pairs) {
      for (const verb of VERBS) {
        // A run may have been cut between the two.
        if (verb === 'switch' && results.count('switch, wall') > results.count('rollback, wall')) continue
        const to = other(liveColour(root))
        const { ms, lines } = await ecomweb(runner, root, verb === 'switch' ? [verb, to] : [verb])
        const report = (lines.at(-1) ?? {}) as Report
        const { moved_ms, commit_ms } = report
        if (!report.changed || report.to !== to || moved_ms === undefined || commit_ms === undefined) {
          throw new KitError(`${verb} did not move traffic to ${to}`, {
            why: JSON.stringify(report),
            next: './ecomweb status',
          })
        }
        results.add('ms', {
          [`${verb}, wall`]: ms,
          [`${verb}, users moved`]: moved_ms,
          [`${verb}, commit`]: commit_ms,
        })
      }
      if (results.count('rollback, wall') % 10 === 0)
        say(`${results.count('rollback, wall')} of ${pairs} pairs`)
    }
  },
})
