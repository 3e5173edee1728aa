import { describe, expect, it } from 'vitest'
import type { CommandSpec } from '../../../../scripts/commands/command.ts'
import { abortCommand, resumeCommand } from '../../../../scripts/commands/recover.ts'
import { JOURNAL, readJournal } from '../../../../scripts/deploy/journal.ts'
import { Plan } from '../../../../scripts/deploy/plan.ts'
import { formatRoutes, ROUTES_FILE, type Routes } from '../../../../scripts/haproxy/routes.ts'
import { editEnvFile } from '../../../../scripts/settings/env-file.ts'
import { type Colour, imageVariable, other } from '../../../../scripts/stack/colours.ts'
import { runCommand } from '../../../simulation/command.ts'
import { promised } from '../../../simulation/disk.ts'
import { NO_FAULTS } from '../../../simulation/process.ts'
import { startedStack } from '../../../simulation/stack.ts'

/** A stack with a command that was cut off after these lines, and traffic as it was then. */
async function cutOff(
  command: Plan['command'],
  lines: object[],
  traffic: (from: Colour) => Routes = (active) => ({ active, weight: 0 }),
  seed = 7,
) {
  const { host, expected } = await startedStack(seed, false)
  const from = expected.active
  const to = other(from)
  const { API_BLUE_IMAGE, API_GREEN_IMAGE, BACKGROUND_IMAGE } = expected
  const before = { API_BLUE_IMAGE, API_GREEN_IMAGE, BACKGROUND_IMAGE }
  const image = to === 'blue' ? API_BLUE_IMAGE : API_GREEN_IMAGE
  const plan = Plan.parse({
    id: 'one',
    command,
    image,
    reference: image,
    from,
    to,
    warm: command !== 'deploy',
    before,
  })
  const entries = [{ event: 'begin', plan }, ...lines].map((entry) => ({
    at: '',
    id: 'one',
    command,
    ...entry,
  }))
  host.disk.settle(JOURNAL, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  const routes = traffic(from)
  host.disk.settle(ROUTES_FILE, formatRoutes(routes))
  host.edge.map = new Map(Object.entries(routes).map(([key, value]) => [key, String(value)]))
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

  it('abort leaves on disk what it found done', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { host, to, run } = await cutOff('deploy', [{ event: 'step', step: 'start' }], undefined, seed)
      const before = host.disk.read('.env') ?? ''
      // An abort was killed before the fsync of the folder: others see the old image, the disk has the new one.
      host.disk.settle('.env', editEnvFile(before, { [imageVariable(to)]: 'sha256:new' }))
      host.disk.write('.env.new', before)
      host.disk.sync('.env.new')
      host.disk.rename('.env.new', '.env')
      expect(await run(abortCommand)).toBe('done')
      host.disk.powerLoss()
      expect(host.disk.read('.env')).toBe(before)
    }
  })

  it('abort does not say of a failed rollback that it succeeded', async () => {
    const failed = [
      { event: 'step', step: 'switch' },
      { event: 'step-failed', step: 'switch', error: 'ill' },
    ]
    const { host, run } = await cutOff('rollback', failed)
    expect(await run(abortCommand)).toBe('done')
    expect((await readJournal(promised(host.disk))).at(-1)).toMatchObject({ event: 'end', result: 'failed' })
  })

  it('resume moves traffic again where it was moved back and the journal could not say so', async () => {
    const lines = ['step', 'step-done'].map((event) => ({ event, step: 'switch' }))
    const { host, to, run } = await cutOff('rollback', lines)
    expect(await run(resumeCommand)).toBe('done')
    expect([...host.edge.map.values()]).toEqual([to, '0'])
    expect(host.disk.read(ROUTES_FILE)).toBe(formatRoutes({ active: to, weight: 0 }))
  })
})
