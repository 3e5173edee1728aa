import { describe, expect, it } from 'vitest'
import { findings, good, NOW } from './facts.fixture.ts'

const GIB = 2 ** 30
const space = (given: object) => ({ ...good.engineDisk, ...given })

describe('engine', () => {
  it.each([
    [{ engine: { version: '24.0.9', client: '28' } }, /Docker Engine 24.0.9 is too old/],
    [{ compose: '2.19.1' }, /Compose 2.19.1 is too old/],
  ])('%o stops', (changed, what) => {
    expect(findings(changed)).toMatchObject([
      { check: 'engine', level: 'stop', what: expect.stringMatching(what) },
    ])
  })
  it('accepts the oldest that will do', () => {
    expect(findings({ engine: { version: '25.0.0+dfsg1', client: '23' }, compose: 'v2.20.0' })).toEqual([])
  })
})

describe('disk', () => {
  it('stops when two more images do not fit', () => {
    const [found] = findings({ engineDisk: space({ free: 2 * GIB - 1 }) })
    expect(found).toMatchObject({
      check: 'disk',
      level: 'stop',
      next: expect.stringMatching(/docker builder prune/),
    })
    expect(findings({ engineDisk: space({ free: 2 * GIB }) })).toEqual([])
  })
  it('stops when state files do not fit', () => {
    expect(findings({ projectDisk: { path: '/srv', free: 1e6, inodes: 1e6 } })).toMatchObject([
      { check: 'disk', what: expect.stringMatching(/state files need 32 MiB/) },
    ])
  })
  it('stops without inodes, and asks none of a file system that has no fixed number', () => {
    expect(findings({ engineDisk: space({ inodes: 10 }) })).toMatchObject([
      { check: 'disk', what: '10 inodes are free in /var/lib/docker, images need 2000' },
    ])
    expect(findings({ projectDisk: { path: '/srv', free: GIB, inodes: 10 } })).toHaveLength(1)
    expect(findings({ engineDisk: space({ inodes: undefined }) })).toEqual([])
  })
})

describe('memory', () => {
  it('warns when two colours, cron and workers of two versions do not fit, counting what they hold as free', () => {
    expect(findings({ memory: { available: 4 * GIB, held: GIB - 1 } })).toMatchObject([
      { check: 'memory', level: 'warn', what: expect.stringMatching(/may use 5120 MiB/) },
    ])
    expect(findings({ memory: { available: GIB, held: 4 * GIB } })).toEqual([])
  })
  it('warns of a container without a limit', () => {
    const services = good.services.map((one) =>
      one.name === 'ecomweb_cron' ? { ...one, memoryLimit: 0 } : one,
    )
    expect(findings({ services })).toMatchObject([
      { check: 'memory', what: 'ecomweb_cron may use any amount of memory' },
    ])
  })
})

describe('clock', () => {
  it.each([
    ['a journal of the future', { newestEntry: NOW + 3_600_000 }, 'stop', /60 min behind its own journal/],
    ['an image of the future', { imageCreated: NOW + 3_600_000 }, 'warn', /built 60 min in the future/],
    ['a database ahead', { databaseAheadMs: 2100 }, 'warn', /2.1 s ahead of/],
    ['a database behind', { databaseAheadMs: -2100 }, 'warn', /2.1 s behind/],
  ])('%s is found', (_, clock, level, what) => {
    expect(findings({ clock: { now: NOW, ...clock } })).toMatchObject([
      { check: 'clock', level, what: expect.stringMatching(what) },
    ])
  })
  it('two seconds are well', () => {
    const clock = { now: NOW, newestEntry: NOW + 2000, imageCreated: NOW - 1, databaseAheadMs: -1999 }
    expect(findings({ clock })).toEqual([])
  })
})

describe('ports', () => {
  it('stops when another program listens', () => {
    expect(findings({ ports: [{ name: 'HTTP_PORT', port: 80, use: 'foreign' }] })).toMatchObject([
      { check: 'ports', level: 'stop', next: expect.stringMatching(/sport = :80.*HTTP_PORT/) },
    ])
  })
  it('stops when two variables give the same port', () => {
    const ports = [
      { name: 'HTTP_PORT', port: 80, use: 'ours' as const },
      { name: 'STATS_PORT', port: 80, use: 'ours' as const },
    ]
    expect(findings({ ports })).toMatchObject([
      { what: 'STATS_PORT in .env is 80, which another variable has already' },
    ])
  })
})
