import { JOURNAL } from '../../../../scripts/deploy/journal.ts'
import { lintMigrations } from '../../../../scripts/migrations/lint/lint.ts'
import { type Line, runCommand } from '../../../simulation/command.ts'
import type { Host } from '../../../simulation/host.ts'
import { NO_FAULTS } from '../../../simulation/process.ts'

// PostgreSQL's grammar is loaded from a file, for which no simulated time can wait.
await lintMigrations([{ name: 'warm-up', sql: 'SELECT 1', contract: false }])

const LIMIT_MS = 600_000

/** Runs a command; `strike` happens `later` ms after the journal has announced a step. */
export async function runWith(host: Host, line: Line, step: string, later: number, strike: () => void) {
  let over = false
  const announced = () => host.disk.read(JOURNAL)?.includes(`"event":"step","step":"${step}"`) === true
  const look = () => {
    if (announced()) host.scheduler.after(later, strike)
    else if (!over) host.scheduler.after(20, look)
  }
  look()
  const exit = runCommand(host, line, { who: 'operator', faults: NO_FAULTS, wait: true }).finally(() => {
    over = true
  })
  await host.scheduler.run(() => over || host.scheduler.now > LIMIT_MS)
  return over ? exit : 'it does not end'
}

/** Lets simulated time pass. */
export const pass = async (host: Host, ms: number) => {
  let over = false
  host.scheduler.after(ms, () => {
    over = true
  })
  await host.scheduler.run(() => over)
}
