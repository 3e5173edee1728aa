import { parseArgs } from 'node:util'
import { ask, liveSockets } from './control.ts'
import type { Drained } from './events/drain.ts'

const usage = `Usage: drain-streams [--window MILLISECONDS]

Asks every API process in this container to close its WebSockets (code 1001) and to end its event streams (with a
retry hint), spread over the window (default 5000). Requests and readiness are not touched.`

/** `drain-streams`: prints {"websockets","streams","processes"} when all of them are done. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      window: { type: 'string', default: '5000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  const window = Number(values.window)
  if (!Number.isInteger(window) || window < 0 || window > 600_000) {
    throw new Error(
      `--window should be a whole number of milliseconds from 0 to 600000, not "${values.window}"`,
    )
  }
  const sockets = await liveSockets(process.env.CONTROL_DIR || '/tmp/ecomweb-api')
  const answers = await Promise.all(
    sockets.map((socket) => ask(socket, `drain ${window}`, window + 10_000) as Promise<Drained>),
  )
  const sum = (key: keyof Drained) => answers.reduce((total, answer) => total + answer[key], 0)
  console.log(
    JSON.stringify({ websockets: sum('websockets'), streams: sum('streams'), processes: answers.length }),
  )
}

main().catch((error: Error) => {
  console.error(`drain-streams: ${error.message}`)
  process.exitCode = 1
})
