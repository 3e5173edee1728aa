import { describe, expect, it } from 'vitest'
import { pidOf } from '../../../bench/clone.ts'
import { overhead, stepDurations } from '../../../bench/deploy-report.ts'
import { parseBytes, parseMemory } from '../../../bench/docker-stats.ts'
import { parseJsonLines, publicRequests } from '../../../bench/stack.ts'

describe('output of ./ecomweb --json', () => {
  it('is read line by line; what is no object is left out', () => {
    expect(parseJsonLines('{"a":1}\nnote\n\n{"b":2}\n')).toEqual([{ a: 1 }, { b: 2 }])
  })
})

describe('a deploy', () => {
  const done = (step: string, ms: number) => ({ step, status: 'done', ms })

  it('has the same steps whichever colour was idle', () => {
    const toGreen = [
      { step: 'start green', status: 'started', ms: 0 },
      done('start green', 5),
      done('wait until green is ready', 6),
      done('switch blue to green', 7),
      done('drain streams of blue', 8),
      { result: 'deployed', ms: 30 },
    ]
    const swap: Record<string, string> = { blue: 'green', green: 'blue' }
    const text = JSON.stringify(toGreen).replace(/blue|green/g, (colour) => swap[colour] ?? '')
    expect(stepDurations(toGreen)).toEqual({
      'start the idle colour': 5,
      'wait until the idle colour is ready': 6,
      'switch the colours': 7,
      'drain streams of the old colour': 8,
      'deploy, kit': 30,
    })
    expect(stepDurations(JSON.parse(text))).toEqual(stepDurations(toGreen))
  })

  it('has the same steps whatever the versions of its workers', () => {
    const ofVersions = (old: string, next: string) => [
      done(`start workers of ${next} beside those of ${old}`, 5),
      done(`make ${next} current`, 6),
      { result: 'deployed', ms: 12 },
    ]
    const steps = stepDurations(ofVersions('version 4499bb88493c', 'version d8da4c0ebcaa'))
    expect(steps).toEqual({ 'start the new workers': 5, 'make their version current': 6, 'deploy, kit': 12 })
    expect(stepDurations(ofVersions('the workers without a version', 'version 4499bb88493c'))).toEqual(steps)
  })

  it('costs what is neither the start of a container nor a configured wait', () => {
    const steps = stepDurations([
      done('start green', 2000),
      done('wait until green is ready', 3000),
      done('start workers of version 4499bb88493c beside those of version d8da4c0ebcaa', 3000),
      done('move cron', 1000),
      done('drain streams of blue', 2500),
      { result: 'deployed', ms: 13_000 },
    ])
    expect(overhead(14_000, steps, { drain_window: 2000 })).toBe(3000)
    const withoutStreams = { ...steps, 'drain streams of the old colour': 300 }
    expect(overhead(14_000, withoutStreams, { drain_window: 2000 })).toBe(4700)
  })

  it('that failed has no durations', () => {
    expect(() => stepDurations([{ result: 'failed', ms: 9 }])).toThrow('did not report success')
    expect(() => stepDurations([])).toThrow('did not report success')
  })
})

describe('docker stats', () => {
  it.each([
    ['512B', 512],
    ['1.5kB', 1500],
    ['2KiB', 2048],
    ['86.5MiB', 86.5 * 2 ** 20],
    ['1.2GiB', 1.2 * 2 ** 30],
  ])('%s', (text, bytes) => expect(parseBytes(text)).toBe(bytes))

  it.each(['', '--', '12', '3 apples'])('"%s" is no amount', (text) => {
    expect(() => parseBytes(text)).toThrow('no amount of memory')
  })

  it('gives MiB by container', () => {
    const line = (Name: string, MemUsage: string) => JSON.stringify({ Name, MemUsage, CPUPerc: '0.1%' })
    expect(parseMemory(`${line('a', '80MiB / 1GiB')}\n${line('b', '1GiB / 2GiB')}\n`)).toEqual({
      a: 80,
      b: 1024,
    })
  })
})

describe("HAProxy's statistics", () => {
  it('count requests from outside only', () => {
    const csv =
      '# pxname,svname,scur,req_tot\npublic,FRONTEND,0,41\nblue,BACKEND,0,40\noperations,FRONTEND,0,7\n'
    expect(publicRequests(csv)).toBe(41)
  })
})

describe('names of clones', () => {
  it('tell the process that made them; other names tell nothing', () => {
    expect(pidOf('ecw-bench-123')).toBe(123)
    expect(pidOf('ecw-bench-')).toBeUndefined()
    expect(pidOf('my-ecw-bench-123')).toBeUndefined()
    expect(pidOf('ecw-bench-123-old')).toBeUndefined()
  })
})
