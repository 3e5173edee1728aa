import { expect, test } from 'vitest'
import { Lane } from '../../../../../apps/api/feed/lane.ts'

test('so much work goes on at a time, in the order in which it came, but what is urgent is next', async () => {
  const lane = new Lane(2)
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const work = (name: string, urgent = false) =>
    lane.run(
      () => {
        begun.push(name)
        return new Promise<void>((resolve) => ends.set(name, resolve))
      },
      { urgent },
    )
  const all = [work('a'), work('b'), work('c'), work('d'), work('e', true)]
  expect(begun).toEqual(['a', 'b'])
  for (const [ended, ...next] of [['b', 'e'], ['a', 'c'], ['e', 'd'], ['c'], ['d']] as [
    string,
    ...string[],
  ][]) {
    const before = begun.length
    ends.get(ended)?.()
    await expect.poll(() => begun.slice(before)).toEqual(next)
  }
  await Promise.all(all)
})

test('work that fails makes room for the next', async () => {
  const lane = new Lane(1)
  const failing = lane.run(() => Promise.reject(new Error('of this test')))
  const next = lane.run(async () => 'next')
  await expect(failing).rejects.toThrow('of this test')
  expect(await next).toBe('next')
})
