import { Worker } from 'node:worker_threads'

/** Runs in a thread of its own, since a workflow that never ends leaves no moment to the others. */
const THREAD = `
  const { parentPort, workerData: ms } = require('node:worker_threads')
  let at = 'its start'
  parentPort.on('message', (text) => { at = text })
  setTimeout(() => {
    require('node:fs').writeSync(2, 'replay: no end after ' + ms + ' ms; it was at ' + at + '\\n')
    process.kill(process.pid, 'SIGKILL')
  }, ms)
`

/** Kills this process after so many milliseconds, with the last place that it was told of as its last words. */
export function watchdog(ms: number): (at: string) => void {
  const thread = new Worker(THREAD, { eval: true, workerData: ms })
  thread.unref()
  return (at) => thread.postMessage(at)
}
