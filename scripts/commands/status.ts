import { openStack } from '../context.ts'
import { EXIT } from '../errors.ts'
import { judge } from '../status/judge.ts'
import { observe } from '../status/observe.ts'
import { formatReport } from '../status/report.ts'
import type { CommandSpec } from './command.ts'

export const statusCommand: CommandSpec = {
  name: 'status',
  summary: 'show both colours, workers, cron and every check, on one screen',
  examples: ['./ecomweb status', './ecomweb status --json'],
  async run(context) {
    const stack = await openStack(context)
    const report = judge(await observe(stack), stack.env)
    stack.print(formatReport(report))
    stack.emit(report)
    if (!report.ok) process.exitCode = EXIT.failed
  },
}
