import { describe, expect, it } from 'vitest'
import { AlertBook, type AlertChange, type Reading } from '../../../../apps/worker/alerts/book.ts'
import { AlertWatch, type WatchParts } from '../../../../apps/worker/alerts/watch.ts'

const minute = (count: number) => new Date(Date.UTC(2026, 0, 1, 0, count))
const reading = (value: number): Reading => ({
  ...{ alert: 'backlog', value, raiseAt: 100, clearBelow: 20 },
  text: 'tasks wait',
})

describe('the book of alerts', () => {
  /** What each of these values changes, a minute apart. */
  const changes = (values: number[]) => {
    const book = new AlertBook()
    return values.map((value, at) =>
      book
        .note([reading(value)], minute(at))
        .map(({ state, since }) => `${state} ${since.getUTCMinutes()}`)
        .join(),
    )
  }

  it('raises once what holds for two looks, and clears it once when it was good for three', () => {
    expect(changes([99, 100, 500, 500, 19, 19, 19, 0, 0])).toEqual([
      '',
      '',
      'raised 2',
      '',
      '',
      '',
      'cleared 2',
      '',
      '',
    ])
  })

  it('raises nothing for a moment, and clears nothing for one', () => {
    expect(changes([100, 99, 100, 0, 100, 100])).toEqual(['', '', '', '', '', 'raised 5'])
    expect(changes([100, 100, 0, 0, 30, 0, 0]).slice(2)).toEqual(['', '', '', '', ''])
  })

  it('leaves what is between both limits as it is', () => {
    expect(changes([50, 50, 50])).toEqual(['', '', ''])
    expect(changes([100, 100, 50, 50, 50, 50]).slice(2)).toEqual(['', '', '', ''])
  })

  it('raises again what comes back', () => {
    expect(changes([100, 100, 0, 0, 0, 100, 100]).filter(Boolean)).toEqual([
      'raised 1',
      'cleared 1',
      'raised 6',
    ])
  })
})

describe('the watch', () => {
  /** A watch over one value, which a test changes; `look` is a minute after the one before. */
  function watch(given: Partial<WatchParts> = {}) {
    const world = { value: 0 as number | Error, leads: true }
    const said: string[] = []
    const told: AlertChange[] = []
    const say = (level: string) => (_: object, message: string) => void said.push(`${level} ${message}`)
    let minutes = 0
    const watch = new AlertWatch({
      sources: [
        {
          name: 'task queue',
          read: async () => {
            if (world.value instanceof Error) throw world.value
            return [reading(world.value)]
          },
        },
      ],
      leads: async () => world.leads,
      tell: async (change) => void told.push(change),
      log: { info: say('info'), warn: say('warn'), error: say('error') } as never,
      now: () => minute(minutes),
      ...given,
    })
    const look = async (times = 1) => {
      for (let time = 0; time < times; time++, minutes++) await watch.look()
    }
    return { world, said, told, look }
  }

  it('logs and tells once that something is wrong, and once that it is over', async () => {
    const { world, said, told, look } = watch()
    world.value = 100
    await look(5)
    world.value = 0
    await look(5)
    expect(said).toEqual([
      'error alert raised: backlog: 100 tasks wait',
      'info alert cleared: backlog: 0 tasks wait',
    ])
    expect(told.map(({ state, since }) => [state, since])).toEqual([
      ['raised', minute(1)],
      ['cleared', minute(1)],
    ])
  })

  it('looks at nothing while another process leads, and begins anew when it takes over', async () => {
    const { world, said, look } = watch()
    Object.assign(world, { value: 100, leads: false })
    await look(3)
    expect(said).toEqual([])
    world.leads = true
    await look(2)
    world.leads = false
    await look()
    world.leads = true
    await look(2)
    expect(said).toEqual(Array(2).fill('error alert raised: backlog: 100 tasks wait'))
  })

  it('neither raises nor clears what it cannot see, and says that it is blind if that lasts', async () => {
    const { world, said, look } = watch()
    world.value = 100
    await look(2)
    world.value = new Error('away')
    await look(4)
    expect(said.slice(1)).toEqual(['warn cannot look at: task queue'])
    await look(6)
    const blind = 'looks in a row found nothing out about: task queue'
    expect(said.slice(2)).toEqual([`error alert raised: blind.task-queue: 6 ${blind}`])
    world.value = 0
    await look(3)
    expect(said.slice(3)).toEqual([
      'info alert cleared: backlog: 0 tasks wait',
      `info alert cleared: blind.task-queue: 0 ${blind}`,
    ])
  })

  it('tells later, and in order, what it could not tell at once', async () => {
    const told: string[] = []
    let away = true
    const { world, look } = watch({
      tell: async ({ state }) => {
        if (away) throw new Error('refused')
        told.push(state)
      },
    })
    world.value = 100
    await look(2)
    world.value = 0
    await look(3)
    expect(told).toEqual([])
    away = false
    await look()
    expect(told).toEqual(['raised', 'cleared'])
  })
})
