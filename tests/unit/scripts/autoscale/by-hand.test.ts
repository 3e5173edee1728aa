import { describe, expect, it } from 'vitest'
import { type Counts, type Hand, type HandMemory, judgeHand } from '../../../../scripts/autoscale/by-hand.ts'

/** What the last of these looks is taken for; each is what `.env` says and how many run. */
function judged(...looks: [said: number, running: number][]): Hand {
  let [memory, hand]: [HandMemory | undefined, Hand] = [undefined, { state: 'free' }]
  for (const [said, running] of looks) {
    const counts: Counts = { said, running }
    const next = judgeHand(counts, memory, { min: 1, max: 5 })
    memory = next.memory
    hand = next.hand
  }
  return hand
}

describe('a number set by hand', () => {
  it('is where it goes on from, within the limits', () => {
    expect(judged([1, 1], [4, 4])).toEqual({ state: 'free' })
  })

  it.each([
    [8, 8],
    [0, 0],
    [8, 1],
  ])('outside the limits is left as it is: %i in .env, %i run', (said, running) => {
    expect(judged([1, 1], [said, running])).toMatchObject({
      state: 'held',
      reason: expect.stringContaining('outside 1 to 5'),
    })
  })

  it('with --scale is taken over into .env once it lasts', () => {
    expect(judged([1, 1], [1, 3], [1, 3])).toMatchObject({ state: 'unsettled' })
    expect(judged([1, 1], [1, 3], [1, 3], [1, 3])).toMatchObject({ state: 'adopt', to: 3 })
    expect(judged([1, 1], [1, 3], [1, 3], [1, 3], [3, 3])).toEqual({ state: 'free' })
  })

  it('with --scale outside the limits is left as it is', () => {
    expect(judged([1, 1], [1, 9], [1, 9], [1, 9])).toMatchObject({ state: 'held' })
    expect(judged([2, 2], [2, 0], [2, 0], [2, 0])).toMatchObject({ state: 'held' })
  })

  it('in .env comes true without `up -d`', () => {
    expect(judged([1, 1], [4, 1], [4, 1], [4, 1])).toMatchObject({ state: 'adopt', to: 4 })
    expect(judged([4, 4], [2, 4], [2, 4], [2, 4])).toMatchObject({ state: 'adopt', to: 2 })
  })

  it('before the autoscaler began is the larger of the two', () => {
    expect(judged([1, 3], [1, 3], [1, 3])).toMatchObject({ state: 'adopt', to: 3 })
    expect(judged([3, 1], [3, 1], [3, 1])).toMatchObject({ state: 'adopt', to: 3 })
  })

  it('is not what passes while containers are replaced', () => {
    expect(judged([2, 2], [2, 1], [2, 0], [2, 1], [2, 1], [2, 2])).toEqual({ state: 'free' })
    expect(judged([2, 2], [2, 1], [2, 0], [2, 1], [2, 1])).toMatchObject({ state: 'unsettled' })
  })
})
