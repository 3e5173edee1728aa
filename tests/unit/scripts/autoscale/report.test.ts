import { describe, expect, it } from 'vitest'
import { lineOf } from '../../../../scripts/autoscale/report.ts'
import type { Round } from '../../../../scripts/autoscale/rounds.ts'

describe('a line', () => {
  const base: Round = { at: '', workers: 2, action: 'stay', reason: 'nothing waits' }
  it.each<[string, Partial<Round>, string | undefined, string | undefined]>([
    ['of what stays so', {}, 'stay', undefined],
    ['after a problem', {}, 'problem', '2 workers: nothing waits'],
    ['of the same problem', { action: 'problem' }, 'problem', undefined],
    ['of a moment', { action: 'unsettled' }, 'stay', undefined],
    ['of what is done again', { action: 'up', to: 3 }, 'up', '2 → 3 workers: nothing waits'],
    [
      'of what has to wait',
      { action: 'up', to: 3, waits: 'a deploy was cut off' },
      'stay',
      '3 workers wanted (nothing waits), not yet: a deploy was cut off',
    ],
    [
      'of what still has to wait',
      { action: 'up', to: 3, waits: 'a deploy was cut off' },
      'a deploy was cut off 3',
      undefined,
    ],
  ])('%s', (_, seen, said, line) => expect(lineOf({ ...base, ...seen }, said)).toBe(line))
})
