import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeMountsReadable } from '../../../scripts/up/mounts.ts'

it('a clone made under umask 077 becomes readable for containers, the live state does not', () => {
  const root = mkdtempSync(join(tmpdir(), 'ecomweb-'))
  const mode = (path: string) => statSync(join(root, path)).mode & 0o777
  mkdirSync(join(root, 'haproxy/state'), { recursive: true })
  mkdirSync(join(root, 'volumes/api'), { recursive: true })
  for (const path of ['haproxy/haproxy.cfg', 'haproxy/state/preview.token', 'volumes/api/start.sh']) {
    writeFileSync(join(root, path), '')
  }
  for (const path of ['haproxy/haproxy.cfg', 'haproxy/state/preview.token'])
    chmodSync(join(root, path), 0o600)
  for (const path of ['volumes/api/start.sh', 'volumes/api', 'volumes', 'haproxy', 'haproxy/state']) {
    chmodSync(join(root, path), 0o700)
  }
  makeMountsReadable(root)
  expect(mode('haproxy')).toBe(0o755)
  expect(mode('haproxy/haproxy.cfg')).toBe(0o644)
  expect(mode('volumes/api')).toBe(0o755)
  expect(mode('volumes/api/start.sh')).toBe(0o755)
  expect(mode('haproxy/state')).toBe(0o700)
  expect(mode('haproxy/state/preview.token')).toBe(0o600)
  rmSync(root, { recursive: true })
})
