import { describe, expect, it } from 'vitest'
import { isAlone, leads, type Poller } from '../../../../apps/worker/versions/pollers.ts'
import { TakeOver } from '../../../../apps/worker/versions/take-over.ts'

const NOW = 1_000_000
const poller = (version: string, secondsAgo = 0, identity = 'someone'): Poller => ({
  ...{ version, identity, lastAccess: NOW - secondsAgo * 1000 },
})

describe('a version is alone', () => {
  const alone = (current: string, ...pollers: Poller[]) => isAlone({ current, pollers }, 'shop:new', NOW)

  it('when only its own workers ask for tasks', () => {
    expect(alone('', poller('shop:new'))).toBe(true)
    expect(alone('shop:old', poller('shop:new'))).toBe(true)
    expect(alone('shop:old', poller('shop:new'), poller('shop:older'), poller(''))).toBe(true)
  })

  it('not while workers of the current version ask, with versions or without', () => {
    expect(alone('shop:old', poller('shop:new'), poller('shop:old', 60))).toBe(false)
    expect(alone('', poller('shop:new'), poller('', 60))).toBe(false)
  })

  it('when those of the current version have not asked for longer than a question lasts', () => {
    expect(alone('shop:old', poller('shop:new'), poller('shop:old', 76))).toBe(true)
    expect(alone('shop:old', poller('shop:new', 76))).toBe(false)
  })

  it('not if it is current, or has no workers itself', () => {
    expect(alone('shop:new', poller('shop:new'))).toBe(false)
    expect(alone('shop:old')).toBe(false)
  })
})

it('one process of a version leads, until it has been away for a while', () => {
  const pollers = [poller('shop:new', 0, 'b'), poller('shop:new', 76, 'a'), poller('shop:old', 0, '0')]
  const leading = ['0', 'a', 'b', 'c'].filter((identity) =>
    leads(identity, { current: 'shop:new', pollers }, 'shop:new', NOW),
  )
  expect(leading).toEqual(['b'])
})

/** A worker of shop:new; `at` looks so many seconds after the start at what the server says then. */
function worker(outcome: () => boolean | Error = () => true) {
  let clock = NOW
  let routing: { current: string; pollers: Poller[] } | Error = { current: '', pollers: [] }
  const replaced: string[] = []
  const said: string[] = []
  const say = (_: object, text: string) => void said.push(text)
  const takeOver = new TakeOver({
    ...{ own: 'shop:new', now: () => clock, log: { info: say, warn: say } as never },
    async see() {
      if (routing instanceof Error) throw routing
      const { current, pollers } = routing
      return { current, pollers: pollers.map((one) => ({ ...one, lastAccess: clock })) }
    },
    async replace(current) {
      replaced.push(current)
      const result = outcome()
      if (result instanceof Error) throw result
      return result
    },
  })
  const at = async (seconds: number, next: typeof routing) => {
    clock = NOW + seconds * 1000
    routing = next
    await takeOver.look()
  }
  return { at, replaced, said }
}

const ALONE = { current: 'shop:old', pollers: [poller('shop:new')] }
const BESIDE = { current: 'shop:old', pollers: [poller('shop:new'), poller('shop:old')] }
const FRESH = { current: '', pollers: [poller('shop:new')] }

describe('taking over', () => {
  it('happens at once where no version was ever current', async () => {
    const { at, replaced, said } = worker()
    await at(0, FRESH)
    expect(replaced).toEqual([''])
    expect(said).toEqual(['version shop:new is current now: nobody works for workers without versions'])
  })

  it('waits until workers that only lost the server would be back', async () => {
    const { at, replaced } = worker()
    await at(0, ALONE)
    await at(4.9, ALONE)
    expect(replaced).toEqual([])
    await at(5, ALONE)
    expect(replaced).toEqual(['shop:old'])
  })

  it('begins to wait anew after they were seen again', async () => {
    const { at, replaced } = worker()
    await at(0, ALONE)
    await at(3, BESIDE)
    await at(6, ALONE)
    expect(replaced).toEqual([])
    await at(11, ALONE)
    expect(replaced).toEqual(['shop:old'])
  })

  it('says nothing when somebody else was faster', async () => {
    const { at, replaced, said } = worker(() => false)
    await at(0, FRESH)
    expect([replaced, said]).toEqual([[''], []])
  })

  it('goes on after a failure, of which it speaks once', async () => {
    const outcomes = [new Error('away'), true]
    const { at, replaced, said } = worker(() => outcomes.shift() ?? true)
    await at(0, new Error('away'))
    await at(3, FRESH)
    await at(6, FRESH)
    expect(replaced).toEqual(['', ''])
    expect(said).toEqual([
      'cannot look after shop:new: trying again',
      expect.stringContaining('version shop:new is current now'),
    ])
  })
})
