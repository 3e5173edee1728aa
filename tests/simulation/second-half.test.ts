import { expect, it } from 'vitest'
import { prove } from './prove.ts'

it('5000 schedules of crashes, power cuts and failing parts each end in one release, fully (5001 to 10000)', async () => {
  const exits = await prove(5001, 5000)
  expect([...exits.keys()]).toEqual(expect.arrayContaining(['deploy done', 'resume done', 'abort done']))
}, 600_000)
