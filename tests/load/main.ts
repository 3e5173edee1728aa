import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Access, exemption } from './access.ts'
import { send } from './http.ts'
import { DEFAULT_MIX, startLoad } from './mixed.ts'
import { formatReport, losses } from './report.ts'

const USAGE = `Mixed load against a running shop; switch or deploy in another terminal meanwhile.

  node tests/load/main.ts --url http://127.0.0.1 --seconds 60

  --url URL        base URL of the edge (default http://127.0.0.1)
  --seconds N      how long (default 60)
  --orders N       a second (default 4; each costs the stack as much as fifty requests: its workflow)
  --uploads N      clients that upload pictures all the time (default 12; the workers make sizes of each)
  --slow           also send 700 ms requests to /slow, a route that only test images have
  --json           print the report as JSON on standard output, the table on standard error

From the environment:
  RATE_LIMIT_EXEMPT_TOKEN  of the shop's .env.api: without it the shop throttles a crowd from one address
  TOKEN                    an access token (POST /api/auth/login): an administrator's streams show all events, a
                           guest's the stock only; it must outlive the run

Orders and pictures it makes stay in the shop: aim it at a test installation.
Exit code 1 if a request failed, an order was lost or doubled, or an event was missed.`

const OPTIONS = {
  url: { type: 'string', default: 'http://127.0.0.1' },
  seconds: { type: 'string', default: '60' },
  orders: { type: 'string', default: String(DEFAULT_MIX.orders.perSecond) },
  uploads: { type: 'string', default: String(DEFAULT_MIX.uploads.clients) },
  slow: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

function usage(code: number, problem?: string): never {
  if (problem) console.error(`Error: ${problem}\n`)
  console.error(USAGE)
  process.exit(code)
}

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (error) {
    return usage(2, (error as Error).message)
  }
}

const values = readOptions()
const seconds = Number(values.seconds)
if (values.help) usage(0)
if (!URL.canParse(values.url)) usage(2, `--url: "${values.url}" is not a URL`)
if (!(seconds > 0)) usage(2, `--seconds: "${values.seconds}" is not a positive number`)
const perSecond = Number(values.orders)
if (!(perSecond > 0)) usage(2, `--orders: "${values.orders}" is not a positive number`)

const clients = Number(values.uploads)
if (!(Number.isInteger(clients) && clients >= 0))
  usage(2, `--uploads: "${values.uploads}" is no number of clients`)

const { TOKEN: token, RATE_LIMIT_EXEMPT_TOKEN: exempt } = process.env
const access: Access = { exempt, token: token ? async () => token : undefined }
await send(new URL('/api/products', values.url), { headers: exemption(access) }).catch((error: Error) => {
  console.error(`Error: no shop answers at ${values.url}: ${error.message}\nnext: ./ecomweb status`)
  process.exit(1)
})

const mix = {
  ...DEFAULT_MIX,
  orders: { ...DEFAULT_MIX.orders, perSecond },
  uploads: { ...DEFAULT_MIX.uploads, clients },
  ...(values.slow ? {} : { slow: { workers: 0, perSecond: 0 } }),
}
const load = startLoad({ url: values.url, access, mix, maxSeconds: seconds + 60 })
const enough = new AbortController()
process.once('SIGINT', () => enough.abort())
await delay(seconds * 1000, undefined, { signal: enough.signal }).catch(() => {})
const report = await load.stop()
console.error(formatReport(report))
if (values.json) console.log(JSON.stringify(report))
process.exitCode = losses(report).length === 0 ? 0 : 1
