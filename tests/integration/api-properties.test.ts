import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../apps/api/openapi/operations.ts'
import { describe as describeRequest, exchange } from './properties/exchange.ts'
import { faults } from './properties/judge.ts'
import { type Described, requestsOf } from './properties/requests.ts'
import { openWorld, type World } from './properties/world.ts'

/** Of each operation. */
const REQUESTS = Number(process.env.REQUESTS ?? 55)
/** It waits a second for the Temporal that is not there, and asking it has next to nothing to vary. */
const FEWER: Record<string, number> = { getHealth: 6 }
/** The same in every run, so that what fails is of the change; another one asks anew. */
const SEED = Number(process.env.SEED ?? 1)

type Document = { paths: Record<string, Record<string, Described & { operationId: string }>> }

let world: World
let described: Map<string, Described>
const succeeded = new Set<string>()

beforeAll(async () => {
  console.log(`requests made at random: the same again with SEED=${SEED}`)
  world = await openWorld()
  const response = await fetch(`${world.url}/api/openapi.json`)
  const { paths } = (await response.json()) as Document
  const all = Object.values(paths).flatMap((methods) => Object.values(methods))
  described = new Map(all.map((operation) => [operation.operationId, operation]))
})

afterAll(() => world?.close())

describe('whatever is asked, the answer is as the document says and no server error', () => {
  test.each(operations)('$id', async (operation) => {
    const document = described.get(operation.id)
    if (!document) throw new Error(`the document has no ${operation.id}`)
    const asked = requestsOf(operation, document, world)
    const holds = fc.asyncProperty(asked, async (one) => {
      const answer = await exchange(world.url, one.sent)
      const found = faults(operation, one, answer, world)
      if (one.valid && answer.status < 300) succeeded.add(operation.id)
      if (found.length === 0) return
      throw new Error(
        `${found.join('\n')}\n\n${describeRequest(one.sent)}\n\n${answer.status} ${answer.text.slice(0, 600)}`,
      )
    })
    await fc.assert(holds, {
      seed: SEED,
      numRuns: FEWER[operation.id] ?? REQUESTS,
      interruptAfterTimeLimit: 25_000,
    })
  })

  test('and each operation has also done what it is for', () => {
    // Without Temporal the application is never ready.
    const never = ['isReady']
    const missing = operations.filter(({ id }) => !succeeded.has(id) && !never.includes(id))
    expect(missing.map(({ id }) => id)).toEqual([])
  })
})
