import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { waitUntil } from '../../e2e/harness/wait.ts'
import type { News } from './runner.ts'

export type Runner = {
  pid: number
  /** Resolves when the process has said this, or with its result for `ended`. */
  heard(what: 'syncing' | 'swapping'): Promise<unknown>
  ended(): Promise<Exclude<News, string>>
  goOn(): void
  kill(signal: NodeJS.Signals): Promise<void>
}

/** Starts a process that refreshes the feed of this database; `cache` is the file that it replaces. */
export function startRunner(url: string, cache: string): Runner {
  const child = fork(join(import.meta.dirname, 'runner.ts'), [url, cache], { stdio: 'inherit' })
  const news: News[] = []
  child.on('message', (message) => news.push(message as News))
  const result = () => news.find((one): one is Exclude<News, string> => typeof one === 'object')
  return {
    pid: child.pid ?? 0,
    heard: (what) => waitUntil(`the runner says ${what}`, () => news.includes(what), { everyMs: 20 }),
    ended: () => waitUntil('the runner has ended', result, { everyMs: 20 }),
    goOn: () => child.send('go on'),
    kill: (signal) => stopped(child, signal),
  }
}

/** SIGKILL, SIGSTOP or SIGCONT; a killed process is gone when this resolves. */
async function stopped(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  if (signal === 'SIGKILL') await gone
}
