import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Results } from '../../../bench/results.ts'

const IDENTITY = { bench: 'switch', project: 'abc1234', options: { pairs: 3 } }
let folder = ''
let path = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ecomweb-results-'))
  path = join(folder, 'results/switch.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const begin = (identity: typeof IDENTITY = IDENTITY) => Results.open(path, identity)

describe('results', () => {
  it('writes every sample with its statistics as soon as it is added', () => {
    begin().add('ms', { wall: 2, commit: 0.12345 })
    const saved = JSON.parse(readFileSync(path, 'utf8'))
    expect(saved).toMatchObject({ ...IDENTITY, complete: false })
    expect(saved.series[0]).toEqual({
      name: 'wall',
      unit: 'ms',
      samples: [2],
      count: 1,
      median: 2,
      min: 2,
      max: 2,
    })
    expect(saved.series[1].samples).toEqual([0.123])
  })

  it('goes on with a run that was cut', () => {
    const first = begin()
    first.facts.image = 'shop:1'
    first.add('ms', { wall: 1 })
    const second = begin()
    expect(second.facts).toEqual({ image: 'shop:1' })
    expect(second.count('wall')).toBe(1)
    second.add('ms', { wall: 2 })
    expect(begin().samples('wall')).toEqual([1, 2])
  })

  it.each([
    ['was completed', IDENTITY, true, false],
    ['is of another version', { ...IDENTITY, project: 'def5678' }, false, false],
    ['had other options', { ...IDENTITY, options: { pairs: 4 } }, false, false],
    ['is not wanted', IDENTITY, false, true],
  ])('begins anew when the last run %s', (_why, identity, complete, fresh) => {
    const first = begin()
    first.add('ms', { wall: 1 })
    first.save(complete)
    expect(Results.open(path, identity, { fresh }).count('wall')).toBe(0)
  })

  it('begins anew when the file is no JSON', () => {
    begin().add('ms', { wall: 1 })
    writeFileSync(path, '{"half')
    expect(begin().series).toEqual([])
  })
})
