import { expect, test } from 'vitest'
import { shareWork } from '../../../../../apps/api/products/share-work.ts'

/** Work that counts its runs and ends when it is told. */
function controlled() {
  const runs: PromiseWithResolvers<number>[] = []
  return {
    runs,
    work: () => {
      const run = Promise.withResolvers<number>()
      runs.push(run)
      return run.promise
    },
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('a thousand who ask at once cause two runs: the first has one, all others share the second', async () => {
  const share = shareWork<number>()
  const { runs, work } = controlled()
  const answers = Array.from({ length: 1000 }, () => share('page', work))
  expect(runs).toHaveLength(1)
  runs[0]?.resolve(1)
  await settle()
  expect(runs).toHaveLength(2)
  runs[1]?.resolve(2)
  expect(new Set((await Promise.all(answers)).slice(1))).toEqual(new Set([2]))
  expect(runs).toHaveLength(2)
})

test('nobody gets what was read before they asked', async () => {
  const share = shareWork<string>()
  let stock = 'old'
  const first = Promise.withResolvers<void>()
  const early = share('page', async () => {
    const read = stock
    await first.promise
    return read
  })
  stock = 'new'
  const late = share('page', async () => stock)
  first.resolve()
  expect([await early, await late]).toEqual(['old', 'new'])
})

test('different keys do not wait for each other', () => {
  const share = shareWork<number>()
  const { runs, work } = controlled()
  void share('one', work)
  void share('other', work)
  expect(runs).toHaveLength(2)
})

test('a failure reaches those who share it, and the next one tries again', async () => {
  const share = shareWork<number>()
  const { runs, work } = controlled()
  const failing = share('page', work)
  const next = share('page', work)
  runs[0]?.reject(new Error('lost'))
  await expect(failing).rejects.toThrow('lost')
  await settle()
  runs[1]?.resolve(2)
  expect(await next).toBe(2)
  await settle()
  void share('page', work)
  expect(runs).toHaveLength(3)
})
