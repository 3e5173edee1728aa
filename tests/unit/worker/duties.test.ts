import { expect, test } from 'vitest'
import { DutySweeper } from '../../../apps/worker/duties.ts'

/** A sweeper over one duty; `found` is what a look finds, or why it cannot. */
function sweeper(found: string[] | Error) {
  const world = { found, outcome: 'started' as 'started' | 'closed' | Error }
  const [started, said]: [string[], string[]] = [[], []]
  const say = (_: object, message: string) => void said.push(message)
  const sweeping = new DutySweeper(
    [
      {
        name: 'imports',
        async find() {
          if (world.found instanceof Error) throw world.found
          return world.found
        },
        async start(id) {
          if (world.outcome instanceof Error) throw world.outcome
          started.push(id)
          return world.outcome
        },
      },
    ],
    { info: say, warn: say } as never,
  )
  return { world, started, said, sweep: () => sweeping.sweep() }
}

test('work is started once for as long as it is found, and once more when it comes back', async () => {
  const { world, started, sweep } = sweeper(['a', 'b'])
  await sweep()
  await Promise.all([sweep(), sweep()])
  expect(started).toEqual(['a', 'b'])
  world.found = ['b', 'c']
  await sweep()
  expect(started).toEqual(['a', 'b', 'c'])
  world.found = ['a']
  await sweep()
  expect(started).toEqual(['a', 'b', 'c', 'a'])
})

test('what could not be started is started at the next look, and the trouble is told once', async () => {
  const { world, started, said, sweep } = sweeper(['a', 'b'])
  world.outcome = new Error('away')
  await sweep()
  await sweep()
  world.outcome = 'closed'
  await sweep()
  expect(started).toEqual(['a', 'b'])
  expect(said).toEqual(['cannot look for imports: trying again', 'imports: closed', 'imports: closed'])
  world.found = new Error('away')
  await sweep()
  expect(said).toHaveLength(4)
})
