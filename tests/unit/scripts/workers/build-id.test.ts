import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildIdOf, versionOf } from '../../../../scripts/workers/build-id.ts'

const hex = 'ab12'.repeat(16)
const references: [string, string][] = [
  [`sha256:${hex}`, 'ab12ab12ab12'],
  [`registry.example.com/shop@sha256:${hex}`, 'ab12ab12ab12'],
  ['ecomweb/app:local', 'ecomweb-app-local'],
  ['registry.example.com:5000/shop:2.1.0_rc', 'registry-example-com-5000-shop-2-1-0_rc'],
]

describe('the version of an image', () => {
  it.each(references)('%s is %s', (reference, version) => expect(buildIdOf(reference)).toBe(version))

  it.each(references)('%s is the same to its containers', (reference, version) => {
    const script = join(import.meta.dirname, '../../../../volumes/backend-api/startup.sh')
    const line = `set -Eeuo pipefail; . "$1"; env | sed -n 's/^TEMPORAL_WORKER_BUILD_ID=//p'`
    const said = execFileSync('bash', ['-c', line, 'bash', script], {
      env: { PATH: process.env.PATH, ECOMWEB_IMAGE: reference },
    })
    expect(said.toString().trim()).toBe(version)
  })

  it('is none where it declares no gate workflow', () => {
    expect(versionOf('shop:1', { variables: {} })).toBe('')
    expect(versionOf('shop:1', { variables: { GATE_WORKFLOW: 'releaseGate' } })).toBe('shop-1')
  })
})
