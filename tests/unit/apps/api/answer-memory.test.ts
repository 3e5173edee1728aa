import { expect, test } from 'vitest'
import type { AnswerCache } from '../../../../apps/api/answer-cache.ts'
import { rememberAnswers } from '../../../../apps/api/answer-memory.ts'

const answer = { etag: '"e"', body: Buffer.from('{}') }

/** A memory over a cache whose every look ends when `found` is called. */
function build() {
  const clock = { now: 0 }
  const looks: (() => void)[] = []
  let changed = () => {}
  const watch = { awake: true, onChange: (listener: () => void) => (changed = listener) }
  const cache: AnswerCache = {
    look: () => new Promise((resolve) => looks.push(() => resolve({ answer, store: async () => {} }))),
    empty: async () => {},
  }
  const memory = rememberAnswers(cache, watch, () => clock.now)
  const look = async (meanwhile = () => {}) => {
    const looking = memory.look('page')
    meanwhile()
    looks.pop()?.()
    await looking
  }
  return { memory, clock, watch, look, changed: () => changed(), known: () => memory.known?.('page') }
}

test('what was found is known until a change', async () => {
  const { look, known, changed } = build()
  expect(await known()).toBeUndefined()
  await look()
  expect(await known()).toBe(answer)
  changed()
  expect(await known()).toBeUndefined()
})

test('what was found is known for a tenth of a second', async () => {
  const { look, known, clock } = build()
  await look(() => {
    clock.now = 50
  })
  clock.now = 99
  expect(await known()).toBe(answer)
  clock.now = 100
  expect(await known()).toBeUndefined()
})

test('word of a change that overtakes an answer from before it counts', async () => {
  const { look, known, changed } = build()
  await look(changed)
  expect(await known()).toBeUndefined()
})

test('so does a change of its own', async () => {
  const { memory, look, known } = build()
  await look()
  const emptied = memory.empty()
  expect(await known()).toBeUndefined()
  await emptied
  await look(() => void memory.empty())
  expect(await known()).toBeUndefined()
})

test('nothing is known while changes cannot be heard of', async () => {
  const { look, known, watch } = build()
  await look()
  watch.awake = false
  expect(await known()).toBeUndefined()
})
