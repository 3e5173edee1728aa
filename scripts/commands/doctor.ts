import { EXIT } from '../errors.ts'
import { examine } from '../preflight/preflight.ts'
import { formatOutcomes } from '../preflight/report.ts'
import type { CommandSpec } from './command.ts'

export const doctorCommand: CommandSpec = {
  name: 'doctor',
  summary: 'look for everything that would stand in the way of a deploy; changes nothing',
  operands: '[IMAGE]',
  arity: [0, 1],
  examples: [
    './ecomweb doctor                 for the image that serves',
    './ecomweb doctor shop:2.1.0      for an image to be deployed',
    './ecomweb doctor --json',
  ],
  async run(context, _values, [image]) {
    const outcomes = await examine(context, image)
    const findings = outcomes.flatMap((outcome) => outcome.findings)
    const stops = findings.filter(({ level }) => level === 'stop').length
    context.emit({ ok: stops === 0, checks: outcomes })
    context.print(formatOutcomes(outcomes))
    context.print(
      findings.length === 0
        ? '\nnothing stands in the way of a deploy'
        : `\n${stops} to mend before a deploy, ${findings.length - stops} to look at`,
    )
    if (stops > 0) process.exitCode = EXIT.failed
  },
}
