import { expect, it } from 'vitest'
import { installPackages } from '../../../scripts/host/packages.ts'
import { CommandFailed, display, type Runner } from '../../../scripts/run.ts'

const done = { code: 0, stdout: '', stderr: '' }
const refusal = (stderr: string) => ({ code: 100, stdout: '', stderr })
const locked = refusal(
  'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/\n',
)

/** Installs where apt answers so, one answer after the other, the last one from then on; time only passes in sleep. */
async function install(...answers: (typeof done)[]) {
  const commands: string[] = []
  const details: string[] = []
  const runner: Runner = {
    dry: false,
    run: async (command) => {
      commands.push(display(command))
      return (answers.length > 1 ? answers.shift() : answers[0]) ?? done
    },
  }
  let now = 0
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms
    },
  }
  const error = await installPackages(runner, ['runc'], (text) => details.push(text), clock).catch(
    (error: unknown) => error,
  )
  return { commands, details, error, now }
}

it('updates the lists, then installs', async () => {
  const { commands, error } = await install(done)
  expect(error).toBeUndefined()
  expect(commands).toEqual([
    'LC_ALL=C apt-get update -qq',
    'DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get install -qq -y --no-install-recommends runc',
  ])
})

it('waits while another program has the locks, and says who', async () => {
  const { commands, details, error } = await install(locked, locked, done)
  expect(error).toBeUndefined()
  expect(commands).toHaveLength(4)
  expect(details[0]).toMatch(/waiting for another program .*held by process 7 \(apt-get\)/)
})

it('gives up after ten minutes', async () => {
  const { error, now } = await install(locked)
  expect(error).toMatchObject({
    message: expect.stringContaining('another program has been installing'),
    why: expect.stringContaining('held by process 7'),
  })
  expect(now).toBe(600_000)
})

it('does not wait for what waiting does not mend', async () => {
  const { commands, error } = await install(refusal('E: Unable to locate package runc'))
  expect(error).toBeInstanceOf(CommandFailed)
  expect(commands).toHaveLength(1)
})
