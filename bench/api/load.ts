import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Runner } from '../../scripts/run.ts'
import { type Load, parseWrk } from '../edge/wrk.ts'

/** What is asked of the shop, and how many ask at once: logins queue for the processor at once, so few will do. */
export const KINDS = ['list', 'login', 'order'] as const
export type Kind = (typeof KINDS)[number]

export const PATHS: Record<Kind, string> = {
  list: '/api/products?page=1&limit=20',
  login: '/api/auth/login',
  order: '/api/orders',
}
const CONNECTIONS: Record<Kind, number> = { list: 32, login: 8, order: 16 }

export type Login = { email: string; password: string }

/** Writes a script of wrk for each kind; answers the paths. `products` may be ordered without end. */
export function writeScripts(
  folder: string,
  { login, exempt, products }: { login: Login; exempt: string; products: number[] },
): Record<Kind, string> {
  const post = `wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'
wrk.headers['X-Ecomweb-Exempt'] = '${exempt}'
`
  const scripts: Record<Kind, string> = {
    list: '',
    login: `${post}wrk.body = '${JSON.stringify(login)}'\n`,
    // Each under a key of its own, or the shop would answer an order of before.
    order: `${post}
local run = string.format('bench-%d-%d', os.time(), math.floor(os.clock() * 1e6))
local products = { ${products.join(', ')} }
local count = 0
request = function()
  count = count + 1
  wrk.headers['Idempotency-Key'] = run .. '-' .. count
  local product = products[count % #products + 1]
  local body = '{"email":"bench@example.com","items":[{"product_id":' .. product .. ',"quantity":1}]}'
  return wrk.format(nil, nil, nil, body)
end
`,
  }
  const paths = KINDS.map((kind) => {
    const path = join(folder, `${kind}.lua`)
    writeFileSync(path, scripts[kind])
    return [kind, path]
  })
  return Object.fromEntries(paths) as Record<Kind, string>
}

/** Loads a server of this host. Errors: any answer but 2xx or 3xx. */
export async function load(
  runner: Runner,
  url: string,
  { kind, script, seconds }: { kind: Kind; script: string; seconds: number },
): Promise<Load> {
  const size = ['-t1', `-c${CONNECTIONS[kind]}`, `-d${seconds}s`, '--timeout', '20s']
  const args = ['--latency', ...size, '--script', script, `${url}${PATHS[kind]}`]
  const { stdout } = await runner.run({ file: 'wrk', args }, { timeoutMs: (seconds + 60) * 1000 })
  return parseWrk(stdout)
}
