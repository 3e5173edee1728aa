import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { CATALOGUE_VERSION } from '../../apps/core/catalogue-cache.ts'
import type { Preview } from '../../apps/reports/pricing/preview.ts'
import type { RuleView } from '../../apps/reports/pricing/rules.ts'
import type { RunChange, RunView } from '../../apps/reports/pricing/runs.ts'
import { ADMIN, type Backend, NOW, startBackend } from './reports/backend.ts'

const LAMP = 9001
const KETTLE = 9002
const VASE = 9003

let backend: Backend

beforeAll(async () => {
  backend = await startBackend({ redisNumber: 6 })
  // Lenient towards what a new shop is filled with: only these are sold.
  await sql('UPDATE products SET archived_at = now()')
  await sql(`INSERT INTO imports (id, kind, rows, accepted, rejected) VALUES ('${IMPORT}', 'costs', 0, 0, 0)`)
})
afterAll(() => backend?.close())

const IMPORT = '00000000-0000-4000-8000-00000000000f'
const sql: Backend['own']['sql'] = (text, values) => backend.own.sql(text, values)

beforeEach(async () => {
  for (const table of [
    'price_changes',
    'pricing_runs',
    'pricing_rules',
    'product_costs',
    'competitor_prices',
  ])
    await sql(`DELETE FROM ${table}`)
  await sql(`DELETE FROM audit_log`)
  await sql(`DELETE FROM products WHERE id IN (${LAMP}, ${KETTLE}, ${VASE})`)
  await sql(
    `INSERT INTO products (id, name, description, price_cents, stock, category, stocked_at) VALUES
      (${LAMP}, 'Lamp', '', 10000, 5, 'light', '2026-11-14'),
      (${KETTLE}, 'Kettle', '', 5000, 5, 'kitchen', '2026-09-01'),
      (${VASE}, 'Vase', '', 3000, 5, 'table', '2026-11-14')`,
  )
  await sql(
    `INSERT INTO product_costs (product_id, valid_from, cost_cents, import_id) VALUES
      (${LAMP}, '2026-01-01', 1000, $1), (${LAMP}, '2026-11-01', 7000, $1), (${LAMP}, '2026-12-01', 9000, $1),
      (${KETTLE}, '2026-01-01', 2500, $1)`,
    [IMPORT],
  )
  await sql(
    `INSERT INTO competitor_prices (product_id, competitor, seen_on, price_cents, import_id) VALUES
      (${LAMP}, 'a', '2026-11-01', 1000, $1), (${LAMP}, 'a', '2026-11-13', 9500, $1),
      (${LAMP}, 'b', '2026-11-15', 9700, $1), (${LAMP}, 'b', '2026-11-16', 1, $1),
      (${VASE}, 'a', '2026-10-01', 1500, $1)`,
    [IMPORT],
  )
})

const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const { status, body: answer } = await backend.ask(`/pricing${path}`, {
    method,
    headers: {
      'x-ecomweb-actor': ADMIN,
      'x-request-id': 'of-this-test',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status, body: answer as never }
}

const addRule = async (rule: object): Promise<RuleView> => {
  const { status, body } = await send('POST', '/rules', rule)
  expect(status).toBe(201)
  return (body as { rule: RuleView }).rule
}

const FLOOR = { name: 'Margin', kind: 'margin_floor', parameters: { percent: 25 } }
const MARKET = {
  name: 'Market',
  kind: 'competitor_delta',
  priority: 10,
  parameters: { percent: -10, of: 'lowest', max_age_days: 7 },
}
const OLD = { name: 'Old stock', kind: 'stock_age', priority: 20, parameters: { days: 30, percent_off: 20 } }

/** All three rules: the lamp falls to its floor, the kettle is old, and nobody has seen a vase for weeks. */
const addRules = async () => ({
  floor: await addRule({ ...FLOOR, scope: { product_ids: [LAMP, KETTLE] } }),
  market: await addRule({ ...MARKET, scope: { product_ids: [LAMP, VASE] } }),
  old: await addRule(OLD),
})

const preview = async (body: object = {}) => (await send('POST', '/preview', body)).body as Preview
const execute = (fingerprint: string, key: string, more: object = {}) =>
  send('POST', '/execute-updates', { fingerprint, ...more }, { 'idempotency-key': key })
const runOf = ({ body }: { body: unknown }) => (body as { run: RunView }).run

const prices = async () =>
  Object.fromEntries(
    (
      await sql<{ id: number; price_cents: number }>(
        'SELECT id, price_cents FROM products WHERE archived_at IS NULL ORDER BY id',
      )
    ).map(({ id, price_cents }) => [id, price_cents]),
  )
const count = async (table: string) =>
  (await sql<{ n: number }>(`SELECT count(*)::int n FROM ${table}`))[0]?.n
const BEFORE = { [LAMP]: 10_000, [KETTLE]: 5000, [VASE]: 3000 }
const AFTER = { [LAMP]: 9334, [KETTLE]: 4000, [VASE]: 3000 }

describe('a preview', () => {
  test('shows each change with its rule, its reason and what becomes of the margin', async () => {
    const { floor, old } = await addRules()
    const { fingerprint, ...shown } = await preview()
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(shown).toEqual({
      changes: [
        {
          ...{
            product_id: LAMP,
            name: 'Lamp',
            category: 'light',
            price_cents: 10_000,
            new_price_cents: 9334,
          },
          ...{ delta_percent: -6.66, rule_id: floor.id, rule: 'Margin', cost_cents: 7000 },
          reason: '10 % below the lowest of 2 competitors (95.00); not below a margin of 25 %',
          ...{ margin_percent: 30, new_margin_percent: 25.01 },
        },
        {
          ...{
            product_id: KETTLE,
            name: 'Kettle',
            category: 'kitchen',
            price_cents: 5000,
            new_price_cents: 4000,
          },
          ...{ delta_percent: -20, rule_id: old.id, rule: 'Old stock', cost_cents: 2500 },
          reason: 'in stock for 75 days: 20 % off',
          ...{ margin_percent: 50, new_margin_percent: 37.5 },
        },
      ],
      unchanged: 0,
      skipped: [{ product_id: VASE, name: 'Vase', reason: "no competitor's price of the last 7 days" }],
    })
    expect(await prices()).toEqual(BEFORE)
    expect((await preview()).fingerprint).toBe(fingerprint)
  })

  test('of some rules keeps the floors that are enabled; those that are disabled can be tried', async () => {
    const { market } = await addRules()
    const off = await addRule({ ...OLD, name: 'Off', enabled: false, scope: { product_ids: [VASE] } })
    const one = await preview({ rule_ids: [market.id] })
    expect(one.changes.map(({ product_id, new_price_cents }) => [product_id, new_price_cents])).toEqual([
      [LAMP, 9334],
    ])
    await sql(`UPDATE products SET stocked_at = '2026-01-01' WHERE id = ${VASE}`)
    expect((await preview({ rule_ids: [off.id] })).changes).toMatchObject([
      { rule: 'Off', new_price_cents: 2400 },
    ])
    expect((await send('POST', '/preview', { rule_ids: [IMPORT] })).status).toBe(422)
  })
})

describe('executing', () => {
  test('does what the preview showed, tells of it, and makes cached answers outdated', async () => {
    await addRules()
    const shown = await preview()
    const version = await backend.redis.get(CATALOGUE_VERSION)
    const done = await execute(shown.fingerprint, 'the-first-key')
    expect(done).toMatchObject({
      status: 200,
      body: { run: { changes: 2, undone_at: null, actor_id: ADMIN } },
    })
    expect(runOf(done).applied_at).toBe(NOW.toISOString())
    expect(await prices()).toEqual(AFTER)
    expect(await backend.redis.get(CATALOGUE_VERSION)).not.toBe(version)

    const { body } = await send('GET', `/runs/${runOf(done).id}`)
    const { changes } = body as { changes: RunChange[] }
    const told = shown.changes.map(({ cost_cents, margin_percent, new_margin_percent, ...change }) => change)
    expect(changes).toEqual(told)
    expect((await send('GET', '/runs')).body).toMatchObject({ runs: [runOf(done)], pagination: { total: 1 } })
    expect(
      await sql(
        `SELECT actor_id, target, details, request_id FROM audit_log WHERE action = 'pricing.execute'`,
      ),
    ).toEqual([
      {
        ...{ actor_id: ADMIN, target: `pricing-run:${runOf(done).id}`, request_id: 'of-this-test' },
        details: { changes: 2, rules: ['Margin', 'Old stock'] },
      },
    ])
  })

  test('a second time changes nothing: old stock does not become cheaper with each run', async () => {
    await addRules()
    await execute((await preview()).fingerprint, 'the-first-key')
    expect(await preview()).toMatchObject({ changes: [], unchanged: 2 })
    await sql(`UPDATE products SET stocked_at = '2026-10-01' WHERE id = ${KETTLE}`)
    // What was changed before the delivery does not count, but this run came after it.
    expect((await preview()).changes).toEqual([])
    await sql(`UPDATE pricing_runs SET applied_at = '2026-09-15'`)
    expect((await preview()).changes).toMatchObject([{ product_id: KETTLE, new_price_cents: 3334 }])
  })

  test.each<[string, () => Promise<unknown>]>([
    ['a price was edited', () => sql(`UPDATE products SET price_cents = 9999 WHERE id = ${LAMP}`)],
    ['another price was edited', () => sql(`UPDATE products SET price_cents = 2999 WHERE id = ${VASE}`)],
    ['a cost came in', () => sql(`UPDATE product_costs SET cost_cents = 7001 WHERE cost_cents = 7000`)],
    [
      'a competitor was seen',
      () => sql(`UPDATE competitor_prices SET price_cents = 9501 WHERE price_cents = 9500`),
    ],
    ['a product left the shop', () => sql(`UPDATE products SET archived_at = now() WHERE id = ${KETTLE}`)],
    ['a rule was added', () => addRule({ ...FLOOR, parameters: { percent: 1 } })],
    ['a rule was disabled', () => sql(`UPDATE pricing_rules SET enabled = false WHERE kind = 'stock_age'`)],
  ])('is refused with 409 when %s since the preview', async (_, edit) => {
    await addRules()
    const { fingerprint } = await preview()
    await edit()
    const before = await prices()
    expect((await execute(fingerprint, 'the-first-key')).status).toBe(409)
    expect([await prices(), await count('pricing_runs')]).toEqual([before, 0])
    expect((await execute((await preview()).fingerprint, 'the-first-key')).status).toBe(200)
  })

  test('is not refused because something was sold', async () => {
    await addRules()
    const { fingerprint } = await preview()
    await sql(`UPDATE products SET stock = stock - 1 WHERE id = ${LAMP}`)
    expect((await execute(fingerprint, 'the-first-key')).status).toBe(200)
  })

  test('is refused when an edit is committed in the middle of it', async () => {
    await addRules()
    const { fingerprint } = await preview()
    const editing = await heldLock(`UPDATE products SET price_cents = 9998 WHERE id = ${LAMP}`)
    const executing = execute(fingerprint, 'the-first-key')
    await untilOneWaits()
    await editing.commit()
    expect((await executing).status).toBe(409)
    expect(await prices()).toEqual({ ...BEFORE, [LAMP]: 9998 })
    expect(await count('pricing_runs')).toBe(0)
  })

  test('with the same key twenty times at once is one run', async () => {
    await addRules()
    const { fingerprint } = await preview()
    const answers = await Promise.all(Array.from({ length: 20 }, () => execute(fingerprint, 'the-same-key')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map((answer) => runOf(answer).id)).size).toBe(1)
    expect([await count('pricing_runs'), await count('price_changes'), await prices()]).toEqual([1, 2, AFTER])
    expect(await count(`audit_log WHERE action = 'pricing.execute'`)).toBe(1)
  })

  test('with different keys at once is one run, and 409 for all others', async () => {
    await addRules()
    const { fingerprint } = await preview()
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => execute(fingerprint, `key-number-${n}`)),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(409)])
    expect(await prices()).toEqual(AFTER)
  })

  test('the same key with another body is 422; without a key it is 400, without an administrator 401', async () => {
    const { old } = await addRules()
    const { fingerprint } = await preview()
    await execute(fingerprint, 'the-first-key')
    expect((await execute(fingerprint, 'the-first-key', { rule_ids: [old.id] })).status).toBe(422)
    expect((await execute('0'.repeat(64), 'the-first-key')).status).toBe(422)
    expect((await execute(fingerprint, 'no key')).status).toBe(400)
    const nobody = { 'x-ecomweb-actor': '', 'idempotency-key': 'the-first-key' }
    expect((await send('POST', '/execute-updates', { fingerprint }, nobody)).status).toBe(401)
  })

  test('that is cut off in the middle leaves nothing, and can be repeated', async () => {
    await addRules()
    const { fingerprint } = await preview()
    const editing = await heldLock(`UPDATE products SET stock = 4 WHERE id = ${KETTLE}`)
    const executing = execute(fingerprint, 'the-first-key')
    await untilOneWaits()
    await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity ${WAITING}`)
    expect((await executing).status).toBe(503)
    await editing.commit()
    expect([await prices(), await count('pricing_runs'), await count('price_changes')]).toEqual([
      BEFORE,
      0,
      0,
    ])
    expect((await execute(fingerprint, 'the-first-key')).status).toBe(200)
    expect(await prices()).toEqual(AFTER)
  })

  test('that cannot be told of does not happen', async () => {
    await addRules()
    const { fingerprint } = await preview()
    await sql(`ALTER TABLE audit_log ADD CONSTRAINT full_up CHECK (action <> 'pricing.execute')`)
    expect((await execute(fingerprint, 'the-first-key')).status).toBe(500)
    await sql('ALTER TABLE audit_log DROP CONSTRAINT full_up')
    expect([await prices(), await count('pricing_runs')]).toEqual([BEFORE, 0])
  })
})

const WAITING = `WHERE datname = current_database() AND usename = 'ecomweb_app' AND wait_event_type = 'Lock'`
const untilOneWaits = () =>
  vi.waitFor(async () => expect(await count(`pg_stat_activity ${WAITING}`)).toBe(1), {
    timeout: 5000,
    interval: 20,
  })

/** Runs a statement in a transaction of another connection, which is left open. */
async function heldLock(statement: string): Promise<{ commit(): Promise<unknown> }> {
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const committed = backend.own.open('service', 1).$transaction(async (transaction) => {
    await transaction.$executeRawUnsafe(statement)
    begun.resolve()
    await released.promise
  })
  await begun.promise
  return {
    commit() {
      released.resolve()
      return committed
    },
  }
}

describe('undoing a run', () => {
  const done = async () => {
    await addRules()
    return runOf(await execute((await preview()).fingerprint, 'the-first-key'))
  }

  test('gives every product its price back, once', async () => {
    const { id } = await done()
    const version = await backend.redis.get(CATALOGUE_VERSION)
    const first = await send('POST', `/runs/${id}/undo`)
    expect(first).toMatchObject({
      status: 200,
      body: { run: { id, undone_at: NOW.toISOString() }, kept: [] },
    })
    expect(await prices()).toEqual(BEFORE)
    expect(await backend.redis.get(CATALOGUE_VERSION)).not.toBe(version)
    await sql(`UPDATE products SET price_cents = 9334 WHERE id = ${LAMP}`)
    expect(await send('POST', `/runs/${id}/undo`)).toEqual(first)
    expect(await prices()).toEqual({ ...BEFORE, [LAMP]: 9334 })
    expect(await count(`audit_log WHERE action = 'pricing.undo'`)).toBe(1)
  })

  test('keeps what was edited later, and names it, the second time too', async () => {
    const { id } = await done()
    await sql(`UPDATE products SET price_cents = 8000 WHERE id = ${LAMP}`)
    const kept = [{ product_id: LAMP, name: 'Lamp', price_cents: 8000 }]
    expect((await send('POST', `/runs/${id}/undo`)).body).toMatchObject({ kept })
    expect(await prices()).toEqual({ ...BEFORE, [LAMP]: 8000 })
    expect((await send('POST', `/runs/${id}/undo`)).body).toMatchObject({ kept })
    expect(await sql(`SELECT details FROM audit_log WHERE action = 'pricing.undo'`)).toEqual([
      { details: { restored: 1, kept } },
    ])
  })

  test('ten times at once is undoing it once', async () => {
    const { id } = await done()
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('POST', `/runs/${id}/undo`)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await count(`audit_log WHERE action = 'pricing.undo'`)).toBe(1)
  })

  test('lets its rules apply again', async () => {
    const { id } = await done()
    await send('POST', `/runs/${id}/undo`)
    expect((await preview()).changes).toHaveLength(2)
  })

  test.each(['/runs/none', `/runs/${IMPORT}`, `/runs/${IMPORT}/undo`])('%s is 404', async (path) => {
    expect((await send(path.endsWith('undo') ? 'POST' : 'GET', path)).status).toBe(404)
  })
})

describe('rules', () => {
  test('are written, read in the order of their priority, replaced and deleted, each with an entry', async () => {
    const old = await addRule(OLD)
    const market = await addRule(MARKET)
    expect((await send('GET', '/rules')).body).toEqual({ rules: [market, old] })
    const changed = await send('PUT', `/rules/${old.id}`, { ...OLD, name: 'Older', priority: 1 })
    expect(changed).toMatchObject({
      status: 200,
      body: { rule: { id: old.id, name: 'Older', priority: 1, updated_at: NOW.toISOString() } },
    })
    expect((await send('DELETE', `/rules/${market.id}`)).status).toBe(204)
    expect((await send('GET', '/rules')).body).toMatchObject({ rules: [{ name: 'Older' }] })
    expect(await sql(`SELECT actor_id, action, target FROM audit_log ORDER BY id`)).toEqual(
      [
        ['create', old.id],
        ['create', market.id],
        ['update', old.id],
        ['delete', market.id],
      ].map(([what, id]) => ({
        ...{ actor_id: ADMIN, action: `pricing.rule.${what}`, target: `pricing-rule:${id}` },
      })),
    )
  })

  test('that are deleted leave what they did', async () => {
    const { floor } = await addRules()
    const { id } = runOf(await execute((await preview()).fingerprint, 'the-first-key'))
    await send('DELETE', `/rules/${floor.id}`)
    const { changes } = (await send('GET', `/runs/${id}`)).body as { changes: RunChange[] }
    expect(changes[0]).toMatchObject({ product_id: LAMP, rule_id: null, rule: null, new_price_cents: 9334 })
  })

  test.each<[number, string, string, unknown]>([
    [400, 'POST', '/rules', { ...FLOOR, parameters: { percent: 100 } }],
    [400, 'POST', '/rules', { ...FLOOR, name: 'half a pair \ud800' }],
    [404, 'PUT', `/rules/${IMPORT}`, FLOOR],
    [404, 'DELETE', `/rules/${IMPORT}`, undefined],
    [404, 'DELETE', '/rules/1', undefined],
    [405, 'PATCH', '/rules', FLOOR],
  ])('%i for %s %s', async (status, method, path, body) => {
    expect((await send(method, path, body)).status).toBe(status)
    expect(await count('audit_log')).toBe(0)
  })
})
