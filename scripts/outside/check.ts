/**
 * Looks at a running shop as a client does, through its public address: API, WebSocket and database.
 *
 *   node scripts/outside/check.ts https://shop.example.com
 *
 * Needs Node 22 or newer and nothing else. Ends with 0 if all three are well, else with 1.
 */

export type Check = { name: 'API' | 'WebSocket' | 'database'; ok: boolean; seen: string }

/** The three checks. Each has `limitMs` milliseconds; none throws. */
export function checkFromOutside(address: string, limitMs = 10_000): Promise<Check[]> {
  const base = address.replace(/\/+$/, '')
  const signal = () => AbortSignal.timeout(limitMs)
  return Promise.all([
    check('API', () => api(base, signal())),
    check('WebSocket', () => webSocket(base, signal())),
    check('database', () => database(base, signal())),
  ])
}

/** Resolves with what was seen when it is well, else throws what is wrong. */
async function check(name: Check['name'], look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, seen: await look() }
  } catch (error) {
    const { message, cause } = error as Error
    return { name, ok: false, seen: cause instanceof Error ? `${message}: ${cause.message}` : message }
  }
}

async function read(url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal })
  if (!response.ok) throw new Error(`answers ${response.status}`)
  return (await response.json()) as Record<string, unknown>
}

async function api(base: string, signal: AbortSignal): Promise<string> {
  const { status } = await read(`${base}/health`, signal)
  if (status !== 'ok') throw new Error(`/health says ${JSON.stringify(status)}`)
  return 'alive'
}

async function database(base: string, signal: AbortSignal): Promise<string> {
  const { services, version } = await read(`${base}/api/health`, signal)
  const state = (services as Record<string, unknown> | undefined)?.database
  if (state !== 'up') throw new Error(`is ${JSON.stringify(state ?? 'not mentioned')}`)
  return `up, version ${version}`
}

/** Well is a WebSocket that says hello: then a process reads the outbox behind it. */
function webSocket(base: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/api/orders/ws`, ['ecomweb.events'])
    const settle = (finish: () => void) => {
      signal.onabort = socket.onmessage = socket.onclose = socket.onerror = null
      socket.close()
      finish()
    }
    signal.onabort = () => settle(() => reject(new Error('says nothing')))
    socket.onclose = ({ code }) => settle(() => reject(new Error(`closed with ${code}`)))
    socket.onerror = () => settle(() => reject(new Error('was not accepted')))
    socket.onmessage = ({ data }) => settle(() => resolve(`says ${String(data).slice(0, 60)}`))
  })
}

if (import.meta.main) {
  const address = process.argv[2]
  if (!address || !URL.canParse(address)) {
    process.stderr.write('usage: node scripts/outside/check.ts https://shop.example.com\n')
    process.exit(2)
  }
  const checks = await checkFromOutside(address)
  for (const { name, ok, seen } of checks)
    process.stdout.write(`${ok ? '✓' : '✗'} ${name.padEnd(10)} ${seen}\n`)
  process.exit(checks.every(({ ok }) => ok) ? 0 : 1)
}
