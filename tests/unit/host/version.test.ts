import { describe, expect, it } from 'vitest'
import { compareVersions, upstreamVersion } from '../../../scripts/host/version.ts'

describe('versions', () => {
  it.each([
    ['28.5.2+dfsg4', '25.0', 1],
    ['20.10.24', '25.0', -1],
    ['25', '25.0', 0],
    ['25.0.9', '25.0.10', -1],
    ['v2.40.3', '2.20', 1],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign)
  })

  it.each([
    ['2:28.5.2+dfsg4-5', '28.5.2'],
    ['v0.29.1', '0.29.1'],
    ['2.40.3-3', '2.40.3'],
    ['none', '0'],
  ])('%s is upstream %s', (version, upstream) => {
    expect(upstreamVersion(version)).toBe(upstream)
  })
})
