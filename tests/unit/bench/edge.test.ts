import { describe, expect, it } from 'vitest'
import { withoutCounters } from '../../../bench/edge/configuration.ts'
import { parsePids } from '../../../bench/edge/containers.ts'
import { parseCpuMs } from '../../../bench/edge/cpu.ts'
import { parseWrk } from '../../../bench/edge/wrk.ts'

const REPORT = `Running 5s test @ http://127.0.0.1:8080/api/products
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.02ms  800.00us  20.00ms   90.00%
  Latency Distribution
     50%  900.00us
     99%    4.25ms
  150000 requests in 5.00s, 30.00MB read
Requests/sec:  30000.50
Transfer/sec:      6.00MB
`

describe("wrk's report", () => {
  it('gives requests, rate and p99', () => {
    expect(parseWrk(REPORT)).toEqual({ requests: 150_000, perSecond: 30_000.5, p99Ms: 4.25 })
  })
  it.each([
    ['640.00us', 0.64],
    ['1.50s', 1500],
  ])('knows the unit of %s', (shown, ms) => {
    expect(parseWrk(REPORT.replace('4.25ms', shown)).p99Ms).toBeCloseTo(ms)
  })
  it.each(['  Non-2xx or 3xx responses: 12', '  Socket errors: connect 0, read 3, write 0, timeout 0'])(
    'is refused with failed requests: %s',
    (line) => {
      expect(() => parseWrk(`${REPORT}${line}\n`)).toThrow('failed requests')
    },
  )
  it('is refused when it is none', () => {
    expect(() => parseWrk('unable to connect to 127.0.0.1:8080')).toThrow('reported nothing')
  })
})

describe('processor time', () => {
  it('is user and system time, whatever the process is called', () => {
    const rest = '1 2 3 4 5 6 7 8 9 10'
    expect(parseCpuMs(`42 (a) b (c) S ${rest} 150 50 0 0 20`)).toBe(2000)
  })
  it('is asked for by pids of the host', () => {
    expect(parsePids('PID\n100\n  102\n')).toEqual([100, 102])
  })
})

it('a configuration loses the rules that count answers, and nothing else', () => {
  const counting = [
    '  http-response track-sc2 res.timer.hdr table answers',
    '  http-response sc-inc-gpc(0,2)',
  ]
  const rest = ['backend blue', '  http-response set-header X-Served-By blue']
  expect(withoutCounters([...rest, ...counting].join('\n'))).toBe(rest.join('\n'))
  expect(() => withoutCounters(rest.join('\n'))).toThrow('no rules that count')
})
