import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the processes of the cron and worker containers say that they work: one file each, named after its pid. */
export const READY_DIR = '/tmp/ecomweb-ready'

/** Tells the health check and PM2 that this process works. Answers the function that takes it back. */
export function announceReady(dir: string = READY_DIR, pid: number = process.pid): () => void {
  const file = join(dir, String(pid))
  mkdirSync(dir, { recursive: true })
  writeFileSync(file, '')
  process.send?.('ready')
  return () => rmSync(file, { force: true })
}
