import { readFileSync, writeFileSync } from 'node:fs'
import { newSecret } from './access.ts'
import type { Stack } from './stack.ts'

/**
 * Has this URL told of every order by workers that start from now on, each in a workflow of its own; returns what takes
 * that back.
 */
export function tellOfOrders(stack: Stack, url: string): () => void {
  const file = stack.file('.env.api')
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, `${before.trimEnd()}\nORDER_WEBHOOK_URL=${url}\nWEBHOOK_SECRET=${newSecret()}\n`)
  return () => writeFileSync(file, before)
}
