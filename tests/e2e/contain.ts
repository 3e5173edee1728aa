import { readFile } from 'node:fs/promises'
import { afterAll } from 'vitest'
import { readJournal } from '../../scripts/deploy/journal.ts'
import { unfinished } from '../../scripts/deploy/unfinished.ts'
import { stack } from './harness/current.ts'

/** A test that fails midway may leave a deploy unfinished; the files after it are to be judged by what they do. */
afterAll(async () => {
  const left = unfinished(
    await readJournal({ read: (path) => readFile(stack.file(path), 'utf8').catch(() => undefined) }),
  )
  if (!left) return
  console.warn(`left unfinished: ${left.command} ${left.id}, at "${left.step}"; it is taken back`)
  const { code, stderr } = await stack.ecomweb(['abort', '--json'], { check: false })
  if (code !== 0) console.warn(stderr)
})
