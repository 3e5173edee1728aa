import { readJournal } from '../deploy/journal.ts'
import { EXIT, KitError } from '../errors.ts'
import { releases } from '../history/releases.ts'
import { explainEnd } from '../history/why.ts'
import type { CommandSpec } from './command.ts'
import { findRelease } from './history.ts'

export const whyCommand: CommandSpec = {
  name: 'why',
  summary: 'say why the last deploy, switch or rollback ended as it did',
  operands: '[ID]',
  arity: [0, 1],
  examples: ['./ecomweb why', './ecomweb why 20261122-101500'],
  async run(context, _values, [id]) {
    const all = releases(await readJournal(context.world.disk))
    const release = id === undefined ? all[0] : findRelease(all, id)
    if (!release) {
      throw new KitError('nothing was deployed yet', { next: './ecomweb deploy', code: EXIT.failed })
    }
    context.print(explainEnd(release))
    context.emit(release)
  },
}
