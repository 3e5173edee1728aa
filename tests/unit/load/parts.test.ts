import { describe, expect, it } from 'vitest'
import { Histogram } from '../../load/histogram.ts'
import { repeat } from '../../load/pace.ts'
import { SseParser } from '../../load/sse.ts'
import { begunAround, findSwitches } from '../../load/switches.ts'

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
  })
})

describe('switches', () => {
  const samples = (colours: string) =>
    [...colours].map((letter, index) => ({ begun: index * 10, servedBy: letter === 'b' ? 'blue' : 'green' }))

  it('are dated by the first request of the new colour, however answers overtake each other', () => {
    expect(findSwitches(samples('bbbbbgbgggggbbbgg'))).toEqual([
      { at: 70, from: 'blue', to: 'green' },
      { at: 120, from: 'green', to: 'blue' },
    ])
  })

  it('need no order of arrival', () => {
    expect(findSwitches(samples('bbbggg').toReversed())).toEqual([{ at: 30, from: 'blue', to: 'green' }])
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
