import { describe, expect, it } from 'vitest'
import type { CommandSpec } from '../../../../scripts/commands/command.ts'
import { abortCommand, resumeCommand } from '../../../../scripts/commands/recover.ts'
import { JOURNAL } from '../../../../scripts/deploy/journal.ts'
import { Plan } from '../../../../scripts/deploy/plan.ts'
import { formatRoutes, ROUTES_FILE, type Routes } from '../../../../scripts/haproxy/routes.ts'
import { editEnvFile } from '../../../../scripts/settings/env-file.ts'
import { other } from '../../../../scripts/stack/colours.ts'
import { runCommand } from '../../../simulation/command.ts'
import { NO_FAULTS } from '../../../simulation/process.ts'
import { startedStack } from '../../../simulation/stack.ts'

/** A stack with a command that was cut off after these lines, and traffic as it was then. */
async function cutOff(
  command: Plan['command'],
  lines: object[],
  traffic: (from: 'blue' | 'green') => Routes,
) {
  const { host, expected } = await startedStack(7, false)
  const from = expected.active
  const to = other(from)
  const { API_BLUE_IMAGE, API_GREEN_IMAGE, BACKGROUND_IMAGE } = expected
  const before = { API_BLUE_IMAGE, API_GREEN_IMAGE, BACKGROUND_IMAGE }
  const image = to === 'blue' ? API_BLUE_IMAGE : API_GREEN_IMAGE
  const plan = Plan.parse({ id: 'one', command, image, reference: image, from, to, warm: true, before })
  const entries = [{ event: 'begin', plan }, ...lines].map((entry) => ({
    at: '',
    id: 'one',
    command,
    ...entry,
  }))
  host.disk.settle(JOURNAL, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  const routes = traffic(from)
  host.disk.settle(ROUTES_FILE, formatRoutes(routes))
  host.edge.reload()
  const run = async (spec: CommandSpec) => {
    let over = false
    const ended = runCommand(host, { spec }, { who: 'operator', faults: NO_FAULTS, wait: true }).finally(
      () => {
        over = true
      },
    )
    await host.scheduler.run(() => over)
    return ended
  }
  return { host, from, to, run }
}

describe('after a crash', () => {
  it('abort starts the old colour again as it was, whatever was edited in .env meanwhile', async () => {
    const { host, from, run } = await cutOff('deploy', [{ event: 'step', step: 'switch' }], (active) => ({
      active,
      canary: other(active),
      weight: 50,
    }))
    const container = host.containers.api(from)
    host.disk.settle('.env', editEnvFile(host.disk.read('.env') ?? '', { API_MEMORY: '9G' }))
    if (container) host.containers.crash(container)
    expect(await run(abortCommand)).toBe('done')
    expect(host.containers.api(from)).toBe(container)
    expect(host.watch.violations).toEqual([])
  })

  it('resume moves traffic again where it was moved back and the journal could not say so', async () => {
    const lines = ['step', 'step-done'].map((event) => ({ event, step: 'switch' }))
    const { host, to, run } = await cutOff('rollback', lines, (active) => ({ active, weight: 0 }))
    expect(await run(resumeCommand)).toBe('done')
    expect([...host.edge.map.values()]).toEqual([to, '0'])
    expect(host.disk.read(ROUTES_FILE)).toBe(formatRoutes({ active: to, weight: 0 }))
  })
})
