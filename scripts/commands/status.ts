import { openStack } from '../context.ts'
import { readJournal } from '../deploy/journal.ts'
import { unfinished } from '../deploy/unfinished.ts'
import { EXIT } from '../errors.ts'
import { readLock } from '../preflight/look/lock.ts'
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
    const left = unfinished(await readJournal(stack.world.disk))
    const running = left !== undefined && (await readLock(stack.world.read, stack.root)).held
    stack.print(formatReport(report))
    if (left) {
      const at = left.step ? ` at step "${left.step}"` : ''
      const next = running ? 'is running' : 'was cut off'
      stack.print(`\n  ! ${left.command} ${left.id} ${next}${at}`)
      if (!running) stack.print('    next: ./ecomweb resume, or ./ecomweb abort')
    }
    const command = left && { id: left.id, command: left.command, step: left.step, running }
    stack.emit({ ...report, ...(command ? { unfinished: command } : {}) })
    if (!report.ok || (left && !running)) process.exitCode = EXIT.failed
  },
}
