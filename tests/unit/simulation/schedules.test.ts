import { expect, it } from 'vitest'
import { prove } from '../../simulation/prove.ts'

// `./ecomweb test` plays 10,000 of them (tests/simulation).
it('500 simulated schedules each end in one release, fully', async () => {
  const exits = await prove(1, 500)
  expect([...exits.keys()]).toEqual(expect.arrayContaining(['deploy done', 'resume done', 'abort done']))
}, 60_000)
