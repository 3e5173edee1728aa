import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { removeStalePids } from '../../../scripts/host/stale-pids.ts'

let file: string
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'ecomweb-')), 'engine.pid')
})
afterEach(() => rmSync(join(file, '..'), { recursive: true }))

const own = readFileSync('/proc/self/comm', 'utf8').trim()

it('a pid that another program was given meanwhile is no engine', () => {
  writeFileSync(file, String(process.pid))
  removeStalePids({ [file]: 'dockerd' })
  expect(existsSync(file)).toBe(false)
})
it('a pid that nobody has is no engine', () => {
  writeFileSync(file, '999999999')
  removeStalePids({ [file]: 'dockerd' })
  expect(existsSync(file)).toBe(false)
})
it('the file of an engine that lives stays', () => {
  writeFileSync(file, `${process.pid}\n`)
  removeStalePids({ [file]: own })
  expect(existsSync(file)).toBe(true)
})
it('no file is no problem', () => expect(() => removeStalePids({ [file]: 'dockerd' })).not.toThrow())
