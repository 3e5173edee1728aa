import { describe, expect, it } from 'vitest'
import { findRelease } from '../../../../scripts/commands/history.ts'
import { durations } from '../../../../scripts/history/durations.ts'
import { formatHistory, formatRelease } from '../../../../scripts/history/format.ts'
import { releases } from '../../../../scripts/history/releases.ts'
import { rollbackTargets, served } from '../../../../scripts/history/serving.ts'
import { explainEnd } from '../../../../scripts/history/why.ts'
import { deployed, imageId, lines, old, plan, rolledBack, watched } from './journal.ts'

const newest = (journal: Parameters<typeof releases>[0]) => {
  const [release] = releases(journal)
  if (!release) throw new Error('the journal is empty')
  return release
}

describe('the releases of a journal', () => {
  it('come newest first, each with what it was asked for and what came of it', () => {
    const list = releases([...deployed('20261122-100000', 'b', 'blue', { start: 4000 }), ...rolledBack])
    expect(list.map(({ id, result }) => `${id} ${result}`)).toEqual([
      '20261122-110000 rolled-back',
      '20261122-100000 deployed',
    ])
    expect(list[1]).toEqual({
      id: '20261122-100000',
      command: 'deploy',
      image: imageId('b'),
      reference: 'shop:b',
      result: 'deployed',
      from: 'green',
      to: 'blue',
      startedAt: '2026-11-22T10:00:00.000Z',
      ms: 60_000,
      by: 'root@shop',
      steps: [{ step: 'start', title: 'do start', ms: 4000, ok: true }],
      undone: [],
      notUndone: [],
      watched: [],
    })
  })
  it('say why one failed, what was watched and what was undone', () => {
    expect(newest(rolledBack)).toMatchObject({
      image: imageId('c'),
      reason: 'green is worse than blue: server errors 3.10 % against 0.00 %',
      failure: {
        exitCode: 137,
        oomKilled: true,
        log: expect.stringMatching(/^\.ecomweb\/failures\/.*\.log$/),
      },
      steps: [
        { ok: true },
        { title: 'canary 25 %', ok: false, ms: 1000, watched: { reason: watched.reason } },
      ],
      undone: ['canary 25 %'],
      notUndone: ['start green'],
      watched: [{ verdict: 'fail' }],
    })
  })
  it('are read from a journal without plans too', () => {
    const list = releases(old)
    expect(list.map(({ command, result, image, to }) => [command, result, image, to])).toEqual([
      ['switch', 'switched', imageId('a'), 'green'],
      ['rollback', 'switched', undefined, 'blue'],
      ['deploy', 'deployed', imageId('a'), 'green'],
    ])
    expect(list[2]).toMatchObject({ ms: 3000, steps: [{ title: 'start green', ms: 3000 }] })
  })
  it('count a step once that a resumed deploy came by again', () => {
    const resumed = lines('x', 'deploy', [
      ['begin', plan('a', 'blue', 'green')],
      ['step', { step: 'migrate' }],
      ['step', { step: 'migrate' }],
      ['step-done', { step: 'migrate', ms: 7 }],
      ['end', { result: 'deployed' }],
    ])
    expect(newest(resumed).steps).toEqual([{ step: 'migrate', title: 'migrate', ms: 7, ok: true }])
  })
  it('tell how long one went forward and how long back, from an old journal too', () => {
    const ending = (facts: object) =>
      newest(
        lines('x', 'deploy', [
          ['begin', plan('a', 'blue', 'green')],
          ['step', { step: 'ready' }],
          ['step-failed', { step: 'ready', error: 'late' }],
          ['undo', { step: 'start' }],
          ['end', { result: 'failed', ...facts }],
        ]),
      )
    expect(ending({ ms: 64_000, back_ms: 300 })).toMatchObject({ ms: 64_000, backMs: 300 })
    expect(ending({ ms: 300 })).toMatchObject({ ms: 2000, backMs: 300 })
    expect(ending({ back_ms: 300 })).toMatchObject({ ms: 2000, backMs: 300 })
    expect(ending({})).toMatchObject({ ms: 2000, backMs: 2000 })
  })
  it('survive lines that are none', () => {
    expect(releases([{} as never, { id: 'x', event: 'end' } as never])).toMatchObject([{ id: 'x' }])
  })
})

describe('the list', () => {
  it('has a line for each, and below a bad one why', () => {
    const text = formatHistory(releases([...old, ...deployed('20261122-100000', 'b', 'blue'), ...rolledBack]))
    expect(text).toMatch(
      /20261122-110000 {2}deploy +rolled-back {2}c{12} {2}blue → green {2}9\.0 s +700 ms +root@shop\n/,
    )
    expect(text).toContain('\n    green is worse than blue')
    expect(text).toMatch(/20261122-100000 {2}deploy +deployed +b{12} {2}green → blue +1 min 0 s/)
  })
  it('says what to type when there is nothing', () => expect(formatHistory([])).toContain('./ecomweb deploy'))
})

describe('one release in full', () => {
  it('shows each step, each watch with its figures, and the end', () => {
    const text = formatRelease(newest(rolledBack))
    expect(text).toContain('deploy 20261122-110000: rolled-back after 9.0 s, back in 700 ms')
    expect(text).toContain('migrations: 003_stock stays applied')
    expect(text).toContain('  ✓ start green  4.0 s')
    expect(text).toContain('  ✗ canary 25 %  1.0 s\n      fail: server errors 3.10 %')
    expect(text).toContain(
      'users, new/old: 1000/3000 answers, errors 3.10 %/0.00 % (p 1e-9), median 6.4/6.0 ms, p95 24/22 ms (p 0.400), broken connections 2/0',
    )
    expect(text).toContain('could not be undone: start green')
  })
  it('shows a step that was cut off', () => {
    const cut = lines('x', 'deploy', [
      ['begin', plan('a', 'blue', 'green')],
      ['step', { step: 'migrate' }],
    ])
    expect(formatRelease(newest(cut))).toContain('✗ migrate  cut off')
  })
  it('is found by the beginning of its id', () => {
    const all = releases([...old, ...rolledBack])
    expect(findRelease(all, '20261122').result).toBe('rolled-back')
    expect(() => findRelease(all, '20261001')).toThrow('several ids')
    expect(() => findRelease(all, 'nothing')).toThrow('knows nothing of nothing')
  })
})

describe('why', () => {
  it('names the step, the figure, the container, its log, what was undone and what to type', () => {
    expect(explainEnd(newest(rolledBack)).split('\n')).toEqual([
      'deploy 20261122-110000: rolled-back after 9.0 s, back in 700 ms',
      '  step:       canary 25 %',
      '  why:        green is worse than blue: server errors 3.10 % against 0.00 %',
      '              its last lines:',
      '                no such column',
      '  seen:       fail: server errors 3.10 % against 0.00 % (p 1e-9) (6 looks in 6.0 s)',
      expect.stringContaining('users, new/old: 1000/3000 answers'),
      '  exit:       exit code 137, killed because it used more memory than its limit',
      '  log:        .ecomweb/failures/20261122T100003-ecomweb_api_green.log',
      '  schema:     003_stock stays applied; the release that serves works with it',
      '  undone:     canary 25 %',
      '  not undone: start green',
      '  next:       read .ecomweb/failures/20261122T100003-ecomweb_api_green.log, mend the image',
    ])
  })
  it('names what is kept of a failed container, and the command to look into it', () => {
    const kept = lines('x', 'deploy', [
      ['begin', plan('a', 'blue', 'green')],
      ['step', { step: 'start' }],
      ['step-failed', { step: 'start', error: 'ill' }],
      ['undo-done', { step: 'start', facts: { kept: '.ecomweb/failures/x' } }],
      ['end', { result: 'failed' }],
    ])
    const text = explainEnd(newest(kept))
    expect(text).toContain('\n  kept:       .ecomweb/failures/x\n')
    expect(text).toContain(
      `  look:       API_GREEN_IMAGE=${imageId('a')} docker compose run --rm --no-deps ecomweb_api_green bash\n`,
    )
  })
  it('says where an unfinished deploy stands and offers both ways', () => {
    const cut = lines('x', 'deploy', [
      ['begin', plan('a', 'blue', 'green')],
      ['step', { step: 'migrate', title: 'apply migrations' }],
    ])
    const text = explainEnd(newest(cut))
    expect(text).toContain('cut off in "apply migrations"')
    expect(text).toContain('./ecomweb resume, or ./ecomweb abort')
  })
  it.each([
    ['deployed', 'every step went well'],
    ['aborted', 'aborted by command'],
    ['failed', 'the journal gives no reason'],
  ])('of a deploy that ended as %s', (result, reason) => {
    const journal = lines('x', 'deploy', [
      ['begin', plan('a', 'blue', 'green')],
      ['end', { result }],
    ])
    expect(explainEnd(newest(journal))).toContain(reason)
  })
})

describe('expected durations', () => {
  it('are the medians of the last five good deploys', () => {
    const journal = [900, 1, 2, 3, 4, 5].flatMap((ms, at) => deployed(`d${at}`, 'a', 'blue', { migrate: ms }))
    expect(durations([...journal, ...rolledBack])).toEqual({ migrate: 3 })
  })
  it('of a new journal are none', () => expect(durations([])).toEqual({}))
})

describe('what served', () => {
  const A = deployed('A', 'a', 'green')
  const B = deployed('B', 'b', 'blue')
  const C = deployed('C', 'c', 'blue')
  const back = (id: string, facts: object) =>
    lines(id, 'rollback', [
      ['begin', { ...facts }],
      ['end', { result: 'rolled-back' }],
    ])
  const ids = (journal: Parameters<typeof releases>[0]) => ({
    served: served(releases(journal)).map(({ id }) => id),
    targets: rollbackTargets(releases(journal)).map(({ id }) => id),
  })

  it('is followed through rollbacks: the way back leads to what served before', () => {
    const journal = [...A, ...B, ...back('r', { to: 'green' }), ...C]
    expect(ids(journal)).toEqual({ served: ['A', 'B', 'A', 'C'], targets: ['A'] })
  })
  it('is followed to a release of days ago', () => {
    const journal = [
      ...A,
      ...B,
      ...deployed('D', 'd', 'green'),
      ...back('r', { to: 'blue', image: imageId('a') }),
    ]
    expect(ids(journal)).toEqual({ served: ['A', 'B', 'D', 'A'], targets: ['D'] })
  })
  it('has a way back to another image where the same was deployed twice', () => {
    expect(ids([...A, ...B, ...deployed('B2', 'b', 'green')]).targets).toEqual(['B', 'A'])
  })
  it('does not count what failed', () => {
    expect(ids([...A, ...B, ...rolledBack])).toEqual({ served: ['A', 'B'], targets: ['A'] })
  })
})
