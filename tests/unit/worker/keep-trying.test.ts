import { expect, it } from 'vitest'
import { keepTrying } from '../../../apps/worker/keep-trying.ts'

it('what fails is tried again until it works, and said once', async () => {
  const said: string[] = []
  const log = {
    info: (text: string) => said.push(text),
    warn: (_: object, text: string) => said.push(text),
  }
  const outcomes = [
    Promise.reject(new Error('away')),
    Promise.reject(new Error('away')),
    Promise.resolve('created'),
  ]
  for (const outcome of outcomes) outcome.catch(() => {})
  const pauses: number[] = []
  await keepTrying(
    'the schedule',
    () => outcomes.shift() ?? Promise.resolve('again'),
    log as never,
    async (ms) => {
      pauses.push(ms)
    },
  )
  expect(said).toEqual(['the schedule is not settled: trying again', 'the schedule: created'])
  expect(pauses).toHaveLength(2)
})
