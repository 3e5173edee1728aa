import { afterEach, describe, expect, it } from 'vitest'
import { noLock } from '../../../../scripts/autoscale/lock.ts'
import { autoscaleCommand, reset } from '../../../../scripts/commands/autoscale.ts'
import type { Values } from '../../../../scripts/commands/command.ts'
import { details } from '../../../../scripts/commands/help.ts'
import { openStack } from '../../../../scripts/context.ts'
import { parseEnvFile } from '../../../../scripts/settings/env-file.ts'
import { dryWorld } from '../../../../scripts/world.ts'
import { steadyStack } from '../../../simulation/context.ts'

const before = process.exitCode
afterEach(() => {
  process.exitCode = before
})

/** Runs the command in a dry world, so that nothing of this host is touched; what it printed. */
async function dry(values: Values): Promise<string> {
  const { context, during } = await steadyStack()
  const printed: string[] = []
  const print = (line: string) => void printed.push(line)
  const world = dryWorld(context.world, print)
  await during(autoscaleCommand.run({ ...context, world, print }, values, []))
  return printed.join('\n')
}

describe('./ecomweb autoscale', () => {
  it('explains itself, and who decides when somebody scales by hand', () => {
    const text = details(autoscaleCommand)
    for (const word of [
      '--once',
      '--dry-run',
      '--reset',
      '--unit ACTION',
      'By hand',
      './ecomweb autoscale',
    ]) {
      expect(text).toContain(word)
    }
  })

  it('shows the unit of the stack and the commands that install it', async () => {
    expect(await dry({ unit: 'print' })).toMatch(/^\[Unit\]\nDescription=.* sim .*[\s\S]*ecomweb" autoscale/)
    expect(await dry({ unit: 'install' })).toMatch(
      /sim-autoscale\.service\n[\s\S]*systemctl restart sim-autoscale.service/,
    )
    expect(await dry({ unit: 'remove' })).toContain('systemctl disable --now sim-autoscale.service')
    await expect(dry({ unit: 'instal' })).rejects.toMatchObject({ code: 2 })
  })

  it('looks once for a dry run, and fails where it cannot see', async () => {
    // The simulated settings name no Temporal.
    await expect(dry({})).rejects.toMatchObject({
      message: 'the workers stay as they are',
      why: expect.stringContaining('TEMPORAL_ADDRESS'),
    })
  })

  it('brings a number that was set by hand back within the limits when it is asked to', async () => {
    const { host, context, during } = await steadyStack()
    const said = () => parseEnvFile(host.disk.read('.env') ?? '').WORKER_REPLICAS
    const running = () => host.containers.of('ecomweb_worker').filter(({ ready }) => ready).length
    const set = async (workers: string) => {
      await during(context.world.editEnv({ WORKER_REPLICAS: workers }))
      await during(reset(await during(openStack(context)), noLock))
    }
    await set('9')
    expect([said(), running()]).toEqual(['5', 5])
    await set('0')
    expect([said(), running()]).toEqual(['1', 1])
    const refused = during(reset(await during(openStack(context)), { ...noLock, during: async () => 'held' }))
    await expect(refused).resolves.toBeUndefined()
    await during(context.world.editEnv({ WORKER_REPLICAS: '9' }))
    const stack = await during(openStack(context))
    await expect(during(reset(stack, { ...noLock, during: async () => 'held' }))).rejects.toMatchObject({
      code: 75,
    })
  })
})
