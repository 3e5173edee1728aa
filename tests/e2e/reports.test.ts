/** The reports backend inside the API's container: what passes to it, and what becomes of the rest when it is away. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { authorization, exemption } from '../load/access.ts'
import { send } from '../load/http.ts'
import { losses } from '../load/report.ts'
import { accessTo } from './harness/access.ts'
import { idleColour, restore, runOn } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { WHOLE } from './harness/draw.ts'
import { buildImage } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import type { Colour } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

const SALES = '/reports-api/reports/sales'
const UNAVAILABLE = {
  error: 'Reports backend unavailable. Please try again in a moment.',
  details: expect.any(String),
}

beforeAll(() => restore(stack))

type Asking = { method?: string; body?: unknown; headers?: Record<string, string>; as?: 'admin' | 'nobody' }

/** Asks through the edge, as the administrator unless another is given. */
async function ask<T = Record<string, unknown>>(
  path: string,
  { method = 'GET', body, headers, as = 'admin' }: Asking = {},
) {
  const access = accessTo(stack)
  const begun = performance.now()
  const answer = await send(new URL(path, stack.url), {
    method,
    headers: {
      ...exemption(access),
      ...(as === 'admin' && (await authorization(access))),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeoutMs: 60_000,
  })
  const text = answer.body.toString('utf8')
  return { status: answer.status, json: () => JSON.parse(text) as T, ms: performance.now() - begun }
}

/** The backend's process, as the host numbers it. */
async function backendOf(colour: Colour): Promise<number> {
  const { stdout } = await stack.docker(['top', stack.container(`api_${colour}`), '-eo', 'pid,args'])
  const line = stdout.split('\n').find((text) => text.includes('apps/reports/server.js'))
  if (!line) throw new Error(`${colour} has no reports backend`)
  return Number.parseInt(line, 10)
}

const works = () => waitUntil('reports are answered', async () => (await ask(SALES)).status === 200)

describe('through the edge', () => {
  it('administrators alone are let through, whatever they say who they are', async () => {
    const spoofed = { 'x-ecomweb-actor': randomUUID() }
    expect((await ask(SALES, { as: 'nobody', headers: spoofed })).status).toBe(401)
    const { token } = (
      await ask<{ token: string }>('/api/auth/register', {
        ...{ method: 'POST', as: 'nobody' },
        body: { email: `reader-${randomUUID()}@example.com`, password: 'a lantern under seven bridges' },
      })
    ).json()
    const asUser = { as: 'nobody' as const, headers: { ...spoofed, authorization: `Bearer ${token}` } }
    expect((await ask(SALES, asUser)).status).toBe(403)
    expect((await ask(SALES, { method: 'POST', body: {}, ...asUser })).status).toBe(403)
    expect((await ask(SALES)).status).toBe(200)
    for (const path of ['/reports/sales', '/pricing/rules', '/imports']) {
      expect((await ask(path, { headers: spoofed })).status, path).toBe(404)
    }
  })

  it('what the backend does not know is its own 404, by every method', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status, json } = await ask('/reports-api/nothing/here?at=all', { method })
      expect([status, json().detail]).toEqual([404, `there is no ${method} /nothing/here`])
    }
  })

  it('prices are changed by POST /reports-api/pricing/execute-updates, once for a key, and undone', async () => {
    const call = async <T>(method: string, path: string, body?: unknown, key = '') => {
      const headers: Record<string, string> = key ? { 'idempotency-key': key } : {}
      const { status, json } = await ask<T>(`/reports-api/pricing${path}`, { method, body, headers })
      expect(status, path).toBeLessThan(300)
      return json
    }
    const [product] = await stack.rows<{ id: number; price: number }>(
      'SELECT id, price_cents AS price FROM products WHERE price_cents >= 1000 ORDER BY id LIMIT 1',
    )
    const { id, price } = product as { id: number; price: number }
    const priceNow = async () => Number(await stack.sql(`SELECT price_cents FROM products WHERE id = ${id};`))
    await stack.sql(`UPDATE products SET stocked_at = now() - interval '400 days' WHERE id = ${id};`)
    const rule = await call<{ rule: { id: string } }>('POST', '/rules', {
      ...{ name: `a tenth off ${randomUUID()}`, kind: 'stock_age', scope: { product_ids: [id] } },
      parameters: { days: 300, percent_off: 10 },
    })
    const rule_ids = [rule().rule.id]
    const preview = await call<{ fingerprint: string; changes: unknown[] }>('POST', '/preview', { rule_ids })
    expect(preview().changes).toHaveLength(1)
    const key = randomUUID()
    const execution = { rule_ids, fingerprint: preview().fingerprint }
    const execute = () =>
      call<{ run: { id: string; changes: number } }>('POST', '/execute-updates', execution, key)
    const { run } = (await execute())()
    expect(run.changes).toBe(1)
    expect(await priceNow()).toBeLessThan(price)
    expect((await execute())().run.id).toBe(run.id)
    await call('POST', `/runs/${run.id}/undo`)
    expect(await priceNow()).toBe(price)
    await call('DELETE', `/rules/${rule_ids[0]}`)
  })
})

describe('a backend that', () => {
  it('is killed is 503 at once and comes back, and nothing else fails', async () => {
    await works()
    const load = await loadOn(stack, LIGHT)
    const colour = await stack.active()
    for (let times = 1; times <= 3; times++) {
      const before = await backendOf(colour)
      process.kill(before, 'SIGKILL')
      const refused = await ask(SALES)
      expect([refused.status, refused.json()]).toEqual([503, UNAVAILABLE])
      expect(refused.ms).toBeLessThan(3000)
      await works()
      expect(await backendOf(colour)).not.toBe(before)
    }
    expect(losses(await load.stop())).toEqual([])
  })

  // The wait of half a minute; a shorter one is tried in the unit tests of every run.
  it.runIf(WHOLE)('hangs is 504 after half a minute, and nothing else waits', async () => {
    const load = await loadOn(stack, LIGHT)
    const pid = await backendOf(await stack.active())
    process.kill(pid, 'SIGSTOP')
    try {
      const answer = ask(SALES)
      await delay(5000)
      const { services } = await stack.api<{ services: Record<string, string> }>('/api/health')
      expect(services).toMatchObject({ database: 'up', reports: 'down' })
      const late = await answer
      expect([late.status, late.json()]).toEqual([
        504,
        { error: 'Request timeout', details: 'The reports service took longer than 30 s to respond.' },
      ])
      expect(late.ms).toBeGreaterThan(29_000)
      expect(late.ms).toBeLessThan(35_000)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await works()
    expect(losses(await load.stop())).toEqual([])
  })
})

describe('a deploy', () => {
  it('of an image whose backend never starts fails before anybody gets there, and says why', async () => {
    const live = await stack.active()
    const look = () =>
      stack.inspect(stack.container(`api_${live}`), '{{.Id}} {{.Image}} {{.State.StartedAt}}')
    const before = await look()
    const { code, last, output, steps } = await stack.deploy(await buildImage(stack, 'dead-reports'))
    expect(code, output).toBe(1)
    expect(last.result).not.toBe('deployed')
    expect(steps.map(({ step }) => step)).not.toContain('switch')
    expect(output).toMatch(/reports/)
    expect(output).toMatch(
      /no answer to GET \/health from the reports backend|no reports backend, on purpose/,
    )
    expect(await stack.active()).toBe(live)
    expect(await look()).toBe(before)
    await works()
  })

  // Two whole deploys.
  it.runIf(WHOLE)('goes to a release without a backend, and back', async () => {
    const [before, reports] = [
      await buildImage(stack, 'without-reports'),
      await buildImage(stack, 'v-with-reports'),
    ]
    // The colour without traffic is left with the release that has no backend.
    onTestFinished(async () => runOn(stack, await idleColour(stack), reports))
    const first = await stack.deploy(before)
    expect(first.code, first.output).toBe(0)
    const answer = await ask(SALES)
    expect([answer.status, answer.json()]).toEqual([503, UNAVAILABLE])
    expect((await stack.get('/api/products')).status).toBe(200)
    const second = await stack.deploy(reports)
    expect(second.code, second.output).toBe(0)
    await works()
  })
})
