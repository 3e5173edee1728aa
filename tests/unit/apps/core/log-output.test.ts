import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { beforeEach, expect, test, vi } from 'vitest'
import { logOutput } from '../../../../apps/core/log-output.ts'

let path: string
const written = () =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).msg)

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'log-')), 'log')
})

const open = () => pino({}, logOutput(path))

test('the lines of one turn go out together, in their order', async () => {
  const log = open()
  log.info('first')
  log.info('second')
  expect(written()).toEqual([])
  await vi.waitUntil(() => written().length > 0, { interval: 1 })
  expect(written()).toEqual(['first', 'second'])
})

test('a warning goes out at once, with all before it', () => {
  const log = open()
  log.info('before')
  log.child({ part: 1 }).warn('warning')
  expect(written()).toEqual(['before', 'warning'])
})

test('so do many lines in one turn', () => {
  const log = open()
  for (let line = 0; line < 5000; line++) log.info(`line ${line}`)
  expect(written().length).toBeGreaterThan(4000)
})

test('what a process says last is not lost when it ends', () => {
  const module = join(import.meta.dirname, '../../../../apps/core/log.ts')
  const program = `import { openLog } from ${JSON.stringify(module)}
    openLog({ LOG_LEVEL: 'info' }).info('last words')
    process.exit(3)`
  const run = () =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'pipe' })
  expect(run).toThrow(
    expect.objectContaining({
      status: 3,
      stdout: expect.toSatisfy((out) => String(out).includes('last words')),
    }),
  )
})
