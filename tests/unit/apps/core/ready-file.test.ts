import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { announceReady } from '../../../../apps/core/ready-file.ts'

it('a process is announced by a file named after its pid, until it withdraws', () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'ready-')), 'made-on-demand')
  const withdraw = announceReady(dir, 4711)
  expect(existsSync(join(dir, '4711'))).toBe(true)
  withdraw()
  expect(existsSync(join(dir, '4711'))).toBe(false)
  rmSync(dir, { recursive: true })
})
