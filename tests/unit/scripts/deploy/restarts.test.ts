/** A container that was restarted: a fault of the release that is deployed, and of nothing that ran before. */
import { expect, it } from 'vitest'
import { deployCommand } from '../../../../scripts/commands/deploy.ts'
import { readJournal } from '../../../../scripts/deploy/journal.ts'
import { other } from '../../../../scripts/stack/colours.ts'
import { promised } from '../../../simulation/disk.ts'
import { migrationName } from '../../../simulation/images.ts'
import { addImage, startedStack } from '../../../simulation/stack.ts'
import { runWith } from './running.ts'

const values = { yes: true, canary: 'none', soak: '5s' }

async function quietStack() {
  const { host, expected } = await startedStack(3, false)
  host.disk.remove('hooks')
  const image = addImage(host, 'good', [migrationName(1, 'init')])
  image.startMs = 700
  host.temporal.knows = false
  for (const known of host.images.values()) known.versioned = false
  host.random.chance = () => false
  return { host, expected, image, to: other(expected.active) }
}

it('a new container that needs a second start never gets users', async () => {
  const { host, expected, image, to } = await quietStack()
  const line = { spec: deployCommand, values, operands: [image.reference] }
  let users = false
  const exit = await runWith(host, line, 'ready', 100, () => {
    const container = host.containers.api(to)
    if (container) host.containers.crash(container)
    const look = () => {
      users ||= host.edge.routed().includes(to)
      host.scheduler.after(20, look)
    }
    look()
  })
  expect(exit).toBe('failed')
  expect(users).toBe(false)
  const failed = (await readJournal(promised(host.disk))).find(({ event }) => event === 'step-failed')
  expect(failed).toMatchObject({ step: 'ready', error: `ecomweb_api_${to} did not become ready` })
  expect(host.edge.routed()).toEqual([expected.active])
})

it('what the idle colour of the same image went through before does not fail its deploy', async () => {
  const { host, to } = await quietStack()
  const warm = host.containers.api(to)
  if (!warm) throw new Error('no idle colour')
  warm.restarts = 3
  warm.image.startMs = 1200
  const line = { spec: deployCommand, values, operands: [warm.image.reference] }
  expect(await runWith(host, line, 'ready', 0, () => {})).toBe('done')
  expect(host.edge.routed()).toEqual([to])
})
