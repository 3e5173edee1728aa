import { describe, expect, it } from 'vitest'
import { Histogram } from '../../load/histogram.ts'
import { repeat } from '../../load/pace.ts'
import { SseParser } from '../../load/sse.ts'
import { begunAround, dateMoves, findSwitches, strays } from '../../load/switches.ts'

describe('the histogram', () => {
  it('answers quantiles at most a tenth too high', () => {
    const histogram = new Histogram()
    for (let ms = 1; ms <= 1000; ms += 1) histogram.add(ms)
    expect(histogram.quantile(0.5)).toBeGreaterThanOrEqual(500)
    expect(histogram.quantile(0.5)).toBeLessThanOrEqual(550)
    expect(histogram.quantile(0.99)).toBeGreaterThanOrEqual(990)
    expect(histogram.quantile(1)).toBe(1000)
    expect(histogram.count).toBe(1000)
  })

  it('is 0 without samples', () => {
    expect(new Histogram().quantile(0.99)).toBe(0)
  })
})

describe('the event stream parser', () => {
  it('puts messages together from any pieces', () => {
    const parser = new SseParser()
    const text = ': hi\nid: 7\nevent: order.created\ndata: {"a":\ndata: 1}\n\nretry: 250\n\n'
    const messages = [...text].flatMap((letter) => parser.push(letter))
    expect(messages).toEqual([{ event: 'order.created', data: '{"a":\n1}', id: '7' }])
    expect(parser.retry).toBe(250)
    expect(parser.cursor).toBeUndefined()
  })

  it('notes an id that comes without a message, and takes it for none', () => {
    const parser = new SseParser()
    expect(parser.push('id: 7\n\n: \n\nid: 9\ndata: x\n\n')).toMatchObject([{ id: '9' }])
    expect(parser.cursor).toBe('7')
  })
})

describe('switches', () => {
  const [B, G] = ['b'.repeat(40), 'g'.repeat(40)]
  const samples = (colours: string) =>
    [...colours].map((letter, index) => ({
      begun: index * 10,
      ended: index * 10 + 1,
      servedBy: letter === 'b' ? 'blue' : 'green',
    }))

  it('are found by what clients saw, however answers overtake each other', () => {
    expect(findSwitches(samples(`${B}gbbgb${G}bgg${B}`))).toEqual([
      { at: 450, to: 'green' },
      { at: 880, to: 'blue' },
    ])
  })

  it('need no order of arrival', () => {
    expect(findSwitches(samples(B + G).toReversed())).toEqual([{ at: 400, to: 'green' }])
  })

  const moves = [
    { to: 'green', start: 15, end: 45 },
    { to: 'blue', start: 75, end: 95 },
  ]

  it('are dated within the commands that made them, if these are known', () => {
    expect(dateMoves(samples('bbbgbggggbb'), moves)).toEqual([
      { at: 30, to: 'green' },
      { at: 90, to: 'blue' },
    ])
    expect(dateMoves(samples('bbbbbbbbbbb'), moves)).toEqual([{ at: 80, to: 'blue' }])
  })

  it('leave no stray answer of the old colour after the command has returned', () => {
    expect(strays(samples('bbbgbggggbb'), moves)).toBe(0)
    expect(strays(samples('bbbggbgggbg'), moves)).toBe(2)
    const late = { begun: 70, ended: 90, servedBy: 'blue' }
    expect(strays([...samples('bbbgbgg'), late], moves)).toBe(0)
  })

  it('count what began around a moment, both ends included', () => {
    expect(begunAround([0, 100, 150, 200, 300, 301], 200, 100)).toBe(4)
    expect(begunAround([], 200, 100)).toBe(0)
  })
})

describe('pacing', () => {
  it('ends when it is told to', async () => {
    const stop = new AbortController()
    let runs = 0
    await repeat({ everyMs: 0, stop: stop.signal }, async () => {
      runs += 1
      if (runs === 3) stop.abort()
    })
    expect(runs).toBe(3)
  })
})
