import { describe, expect, it } from 'vitest'
import { judge } from '../../../scripts/stack/readiness.ts'

const image = `sha256:${'a'.repeat(64)}`
const up = { status: 'UP', check: 'L7OK', sessions: 0, queued: 0 }
const body = { ready: true, colour: 'green', image, workers: { ready: 2, expected: 2 } }
const answer = (change: object = {}, status = 200, servedBy = 'green') => ({
  status,
  headers: { 'x-served-by': servedBy },
  body: JSON.stringify({ ...body, ...change }),
})
const missing = (text: string) => ({ ready: false, missing: expect.stringContaining(text) })

describe('a colour may take traffic', () => {
  it('when HAProxy, its answer, its image and every worker agree', () => {
    expect(judge('green', image, up, answer())).toEqual({ ready: true })
  })
  it('not while HAProxy has only resolved its address', () => {
    expect(judge('green', image, { ...up, check: 'INI' }, answer())).toEqual(missing('INI'))
  })
  it('not when one PM2 worker is missing', () => {
    expect(judge('green', image, up, answer({ workers: { ready: 1, expected: 2 } }))).toEqual(
      missing('1 of 2'),
    )
  })
  it('not when another image answers', () => {
    expect(judge('green', image, up, answer({ image: 'old' }))).toEqual(missing('old'))
  })
  it('not when the other colour answers', () => {
    expect(judge('green', image, up, answer({}, 200, 'blue'))).toEqual(missing('blue answered'))
  })
  it('not when the answer is not what the contract says', () => {
    expect(judge('green', image, up, { ...answer(), body: 'ok' })).toEqual(missing('image contract'))
  })
  it('not before its migrations are applied, and says which', () => {
    expect(
      judge('green', image, up, answer({ ready: false, reason: 'waiting for 1 migration' }, 503)),
    ).toEqual(missing('waiting for 1 migration'))
  })
})
