import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../scripts/deploy/journal.ts'
import { unfinished } from '../../../scripts/deploy/unfinished.ts'
import { findings, good, outcomes } from './facts.fixture.ts'

const entry = (id: string, event: Entry['event']): Entry => ({
  id,
  event,
  command: 'deploy',
  at: '2026-11-22T11:00:00.000Z',
})

describe('an unfinished command', () => {
  it.each([
    ['none was begun', [], undefined],
    ['the last one ended', [entry('1', 'begin'), entry('1', 'step'), entry('1', 'end')], undefined],
    [
      'the last one was cut off',
      [entry('1', 'begin'), entry('1', 'end'), entry('2', 'begin'), entry('2', 'step')],
      '2',
    ],
    [
      'two of one second, the second cut off',
      [entry('1', 'begin'), entry('1', 'end'), entry('1', 'begin')],
      '1',
    ],
    [
      'an older one was cut off, a later one ended',
      [entry('1', 'begin'), entry('2', 'begin'), entry('2', 'end')],
      undefined,
    ],
  ])('%s', (_, entries, id) => expect(unfinished(entries)?.id).toBe(id))

  it('stops, and names resume and abort', () => {
    expect(findings({ journal: [entry('20261122-110000', 'begin')] })).toMatchObject([
      {
        check: 'unfinished',
        level: 'stop',
        what: 'deploy 20261122-110000 was begun 2026-11-22T11:00:00Z and never ended',
        next: expect.stringMatching(/resume.*abort/),
      },
    ])
  })
  it('is no second finding while it still runs', () => {
    const lock = { held: true, owner: '  pid: 7\n' }
    expect(findings({ journal: [entry('1', 'begin')], lock }).map(({ check }) => check)).toEqual(['lock'])
  })
})

it('a held lock stops and shows its owner', () => {
  const lock = { held: true, owner: '  pid:     7\n  command: ecomweb deploy shop:2\n' }
  expect(findings({ lock })).toMatchObject([
    { check: 'lock', level: 'stop', why: expect.stringMatching(/command: ecomweb deploy shop:2/) },
  ])
})

describe('drift', () => {
  const drift = (kind: 'route' | 'image' | 'scale') => ({ kind, what: 'a', repair: './ecomweb switch blue' })
  const { edge } = good.drift
  it.each(['route', 'image'] as const)('of a %s stops', (kind) => {
    expect(findings({ drift: { drift: [drift(kind)], edge } })).toMatchObject([
      { check: 'drift', level: 'stop', what: 'a', next: './ecomweb switch blue' },
    ])
  })
  it('of a scale only warns', () => {
    expect(findings({ drift: { drift: [drift('scale')], edge } })).toMatchObject([{ level: 'warn' }])
  })
  it('cannot be told without HAProxy', () => {
    expect(findings({ drift: { drift: [], edge: { error: 'ENOENT' } } })).toMatchObject([
      { check: 'drift', level: 'stop', why: expect.stringMatching(/ENOENT/) },
    ])
  })
})

describe('files', () => {
  it.each([0o644, 0o640, 0o602])('mode %o stops', (mode) => {
    expect(findings({ modes: [{ file: '.env.api', mode }] })).toMatchObject([
      { check: 'modes', level: 'stop', next: 'chmod 600 .env.api' },
    ])
  })
  it('a hook that would not run stops, with what mends it', () => {
    const hooks = [
      { what: 'hooks/smoke is not executable', why: 'it would fail', next: 'chmod +x hooks/smoke' },
    ]
    expect(findings({ hooks })).toMatchObject([
      { check: 'hooks', level: 'stop', next: 'chmod +x hooks/smoke' },
    ])
  })
  it('a stricter mode is well', () =>
    expect(findings({ modes: [{ file: '.env', mode: 0o400 }] })).toEqual([]))
  it("HAProxy's refusal is shown with its place", () => {
    const output = [
      '[NOTICE]   (9) : haproxy version is 3.2.4',
      "[ALERT]    (9) : config : parsing [/usr/local/etc/haproxy/haproxy.cfg:7]: unknown keyword 'x'",
      '[ALERT]    (9) : config : Fatal errors found in configuration.',
    ].join('\n')
    expect(findings({ edgeCheck: { accepted: false, output } })).toMatchObject([
      { check: 'haproxy', level: 'stop', why: expect.stringMatching(/haproxy\.cfg:7\]: unknown keyword/) },
    ])
  })
  it('a variable of the shell that Compose would prefer stops', () => {
    expect(findings({ exported: ['HTTP_PORT'] })).toMatchObject([
      { check: 'settings', next: 'unset HTTP_PORT' },
    ])
  })
  it.each([
    ['kitSettings', 'settings'],
    ['env', 'settings'],
    ['services', 'compose'],
  ] as const)('%s that cannot be read is a finding', (fact, check) => {
    const lack = { what: 'not valid', why: 'unknown: sok', next: 'edit docker-compose.yml' }
    expect(findings({}, { [fact]: lack })).toMatchObject([{ check, level: 'stop', what: 'not valid' }])
  })
})

describe('images', () => {
  const nowhere = { reference: 'shop:2', where: 'nowhere' as const, why: 'no such host' }
  it('one that is nowhere stops before anything is stopped', () => {
    const changed = { candidate: { ...good.candidate, image: undefined, whereabouts: nowhere }, contract: [] }
    expect(findings(changed)).toMatchObject([
      { check: 'image', level: 'stop', next: expect.stringMatching(/docker pull shop:2/) },
    ])
    expect(outcomes(changed).find(({ check }) => check === 'contract')?.skipped).toBe(true)
  })
  it('one of another service too; one in a registry will do', () => {
    expect(findings({ images: [nowhere] })).toMatchObject([{ check: 'image' }])
    expect(findings({ images: [{ reference: 'redis:8', where: 'registry' }] })).toEqual([])
  })
  it('one that breaks the contract stops', () => {
    const broken = {
      id: 'user',
      title: 'does not run as root',
      verdict: 'failed' as const,
      detail: 'it runs as root',
      next: 'add USER',
    }
    expect(findings({ contract: [broken] })).toMatchObject([
      { check: 'contract', level: 'stop', why: 'it runs as root', next: 'add USER' },
    ])
  })
})
