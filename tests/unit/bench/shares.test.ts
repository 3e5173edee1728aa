import { expect, test } from 'vitest'
import { together } from '../../../bench/api/profiled.ts'
import { PARTS, type Part, type Profile, sharesOf } from '../../../bench/api/shares.ts'

const frame = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children,
})

const profile: Profile = {
  nodes: [
    frame(1, '(root)', '', [2, 3, 4]),
    frame(2, '(idle)', ''),
    frame(3, '(garbage collector)', ''),
    frame(4, 'handle', 'file:///app/node_modules/router/index.js', [5]),
    frame(5, 'list', 'file:///app/apps/api/products/routes.ts', [6, 7, 9]),
    frame(6, 'query', 'file:///app/node_modules/@prisma/client/runtime.js', [8]),
    frame(7, 'stringifyTagged', 'file:///app/bench/api/tag-json.ts'),
    frame(8, 'native', ''),
    frame(9, 'write', 'node:net'),
  ],
  startTime: 1000,
  samples: [4, 2, 3, 5, 6, 8, 7, 9, 4],
  timeDeltas: [10, 10, 10, 10, 10, 10, 10, 10, 1000],
}

test('a sample counts for the code that runs, native code for its caller, idling and what came later for nobody', () => {
  const shares = sharesOf(profile, 1000, 1500)
  expect(Object.fromEntries(Object.entries(shares).filter(([, share]) => share > 0))).toEqual({
    ...{ Express: 1 / 7, collection: 1 / 7, 'the shop': 1 / 7, Prisma: 2 / 7, JSON: 1 / 7, Node: 1 / 7 },
  })
})

test('a profile that has nothing of the time is an error, not a share of nothing', () => {
  expect(() => sharesOf(profile, 5000, 6000)).toThrow(RangeError)
})

test('what the pool of threads did is bcrypt, and the shares of all threads are one', () => {
  const none = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>
  const shares = together({ ...none, Express: 0.5, Node: 0.5 }, { main: 40, pool: 50, others: 10 })
  expect(shares).toEqual({ ...none, bcrypt: 0.5, Express: 0.2, Node: 0.2 + 0.1 })
})
