import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { losses } from '../load/report.ts'
import { restore, runEverywhere } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage, imageId } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { waitUntil } from './harness/wait.ts'

const ROWS = 1_000_000
/** The role's limit for how long a migration may keep others waiting behind it. */
const LOCK_TIMEOUT_MS = 5000

/** A big table that every order of a user writes to, owned as if a migration had made it. */
const AUDIT = `
  SET ROLE ecomweb_owner;
  CREATE TABLE order_audit (
    id bigserial PRIMARY KEY, order_id uuid, kind text NOT NULL, noted_at timestamptz NOT NULL DEFAULT now()
  );
  INSERT INTO order_audit (kind) SELECT 'kind ' || n % 10 FROM generate_series(1, ${ROWS}) AS n;
  CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO order_audit (order_id, kind) VALUES (NEW.id, 'ordered'); RETURN NEW; END $$;
  CREATE TRIGGER note_order AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note_order();`

const DROP_AUDIT = `
  DROP TRIGGER IF EXISTS note_order ON orders;
  DROP FUNCTION IF EXISTS note_order;
  DROP TABLE IF EXISTS order_audit;`

/** How long migrations of these tests took, by the end of their names. */
const took = async (name: string): Promise<number> =>
  Number(
    await stack.sql(
      `SELECT round(1000 * extract(epoch FROM finished_at - started_at)) FROM _prisma_migrations
        WHERE migration_name LIKE '2998%${name}' AND rolled_back_at IS NULL;`,
    ),
  )

const indexes = (): Promise<string> =>
  stack.sql(
    `SELECT indexrelid::regclass || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END FROM pg_index
      WHERE indrelid = 'order_audit'::regclass ORDER BY 1;`,
  )

/** Holds a transaction open in a session of its own until it is told to end. */
function hold(statement: string): { end: () => Promise<void> } {
  const name = `holder-${Math.random()}`
  const held = stack
    .sql(
      `SET application_name = '${name}'; BEGIN ISOLATION LEVEL REPEATABLE READ; ${statement}; SELECT pg_sleep(300);`,
    )
    .catch(() => 'ended')
  return {
    async end() {
      await stack.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${name}';`,
      )
      await held
    },
  }
}

const holding = (): Promise<boolean> =>
  stack
    .sql(
      `SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'holder-%' AND query LIKE '%pg_sleep(300)%';`,
    )
    .then((count) => count !== '0')

beforeAll(async () => {
  await restore(stack)
  await stack.sql(DROP_AUDIT + AUDIT)
})

/**
 * There is no way back past a contract migration, so it must not be on record for the tests that follow; and an image
 * that carries migrations which are not there does not start again.
 */
afterAll(async () => {
  await stack.sql(`${DROP_AUDIT} DELETE FROM _prisma_migrations WHERE migration_name LIKE '2998%';`)
  await runEverywhere(stack, 'v-first')
})

it(`a table of ${ROWS} rows gets a column and an index under load, and nobody notices`, async () => {
  const image = await buildImage(stack, 'm-expand')
  // Older than the index: CREATE INDEX CONCURRENTLY waits until it ends, longer than the role may wait for locks.
  const reader = hold('SELECT count(*) FROM users')
  await waitUntil('the reader reads', holding)
  const load = await loadOn(stack, LIGHT)
  const deploying = stack.deploy(image)
  await waitUntil(
    'the index waits for the reader',
    async () =>
      (await stack.sql(
        `SELECT count(*) FROM pg_stat_progress_create_index WHERE phase = 'waiting for old snapshots';`,
      )) !== '0',
    { timeoutMs: 120_000 },
  )
  await delay(LOCK_TIMEOUT_MS + 1000)
  await reader.end()
  const { code, last, output } = await deploying
  const report = await load.stop()

  expect(code, output).toBe(0)
  expect(last.result).toBe('deployed')
  expect(losses(report)).toEqual([])
  expect(await indexes()).toBe('order_audit_kind_idx\norder_audit_pkey')
  expect(await stack.sql(`SELECT count(*) >= ${ROWS} FROM order_audit WHERE region = 'eu';`)).toBe('t')
  // The load did write to the table meanwhile.
  expect(Number(await stack.sql(`SELECT count(*) FROM order_audit WHERE kind = 'ordered';`))).toBeGreaterThan(
    10,
  )
  const [column, index] = [await took('audit_region'), await took('audit_by_kind')]
  expect(column).toBeLessThan(LOCK_TIMEOUT_MS)
  expect(index).toBeGreaterThan(LOCK_TIMEOUT_MS)
  // It waited all that time, instead of giving up and building again.
  expect(
    await stack.sql(`SELECT count(*) FROM _prisma_migrations WHERE migration_name LIKE '2998%kind';`),
  ).toBe('1')
  console.log(
    `migrating ${ROWS} rows: column ${column} ms, index ${index} ms, ${report.requests} requests, ${report.failed} failed`,
  )
})

it('a lock that another session holds makes it try again, and succeed once it is free', async () => {
  const image = await buildImage(stack, 'm-locked')
  const reader = hold('SELECT count(*) FROM order_audit')
  await waitUntil('the reader reads', holding)
  const migrating = stack.ecomweb(['migrate', 'deploy', image], { check: false })
  await waitUntil('the first attempt has given up', async () => {
    const rows = `SELECT count(*) FROM _prisma_migrations WHERE migration_name LIKE '2998%source' AND rolled_back_at IS NOT NULL;`
    return (await stack.sql(rows)) !== '0'
  })
  await reader.end()
  const { code, stdout, stderr } = await migrating
  expect(code, stdout + stderr).toBe(0)
  expect(stdout).toMatch(/audit_source met a lock that others hold and is undone; attempt 2 of 5/)
  expect(await took('audit_source')).toBeGreaterThanOrEqual(0)
})

it('an index that rows stand against leaves nothing behind, and says what to do', async () => {
  const image = await buildImage(stack, 'm-unique')
  const { code, output } = await stack.deploy(image)
  expect(code).toBe(1)
  expect(output).toMatch(
    /one_audit_row_of_a_kind failed: could not create unique index \\?"order_audit_kind_key/,
  )
  expect(output).toMatch(
    /SQLSTATE 23505[\s\S]*nothing is left to clean up[\s\S]*Correct its SQL and deploy again/,
  )
  expect(await indexes()).not.toMatch(/INVALID|kind_key/)
  const { stdout } = await stack.ecomweb(['migrate', 'status', image, '--json'], { check: false })
  expect(JSON.parse(stdout)).toMatchObject({
    failed: [],
    pending: ['29980103000000_one_audit_row_of_a_kind'],
  })
})

describe('./ecomweb migrate', () => {
  it('status finds the live release in order', async () => {
    const { stdout } = await stack.ecomweb(['migrate', 'status', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ pending: [], failed: [], edited: [] })
    expect(JSON.parse(stdout).applied).toContain('29980101000100_index_audit_by_kind')
  })

  it('lint reports what an image would do to the stack', async () => {
    const image = await buildImage(stack, 'm-unique')
    const { stdout } = await stack.ecomweb(['migrate', 'lint', image, '--json'])
    expect(JSON.parse(stdout).findings).toMatchObject([
      { rule: 'stricter-writes', severity: 'review', line: 2 },
    ])
  })

  it('resolve clears a failed migration', async () => {
    const name = '29980105000000_failed_by_hand'
    await stack.sql(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (gen_random_uuid(), '', '${name}');`,
    )
    const refused = await stack.ecomweb(['migrate', 'deploy'], { check: false })
    const { code, stdout, stderr } = await stack.ecomweb(['migrate', 'resolve', name, '--rolled-back'], {
      check: false,
    })
    expect(code, stdout + stderr).toBe(0)
    expect(refused.code).toBe(0) // it belongs to another image, and nothing was pending in this one
    expect((await stack.ecomweb(['migrate', 'resolve', name, '--applied'], { check: false })).stderr).toMatch(
      /has not failed/,
    )
  })

  it('contract gives up the way back: both colours first, then the schema, and no rollback past it', async () => {
    const image = await buildImage(stack, 'm-contract')
    const older = await newestRelease()
    expect((await stack.deploy(image)).code).toBe(0)
    expect(await stack.sql('SELECT count(region) > 0 FROM order_audit;')).toBe('t')

    const { code, stdout, stderr } = await stack.ecomweb(['migrate', 'contract', '--yes'], { check: false })
    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toContain('drop_audit_region')
    await expect(stack.sql('SELECT region FROM order_audit LIMIT 1;')).rejects.toThrow(/does not exist/)
    const id = await imageId(stack, image)
    for (const colour of ['blue', 'green']) {
      expect(await stack.inspect(stack.container(`api_${colour}`), '{{.Image}}')).toBe(id)
    }

    const refused = await stack.ecomweb(['rollback', older], { check: false })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/no way back past a contract migration[\s\S]*drop_audit_region/)
    expect(await stack.rollback()).toMatchObject({ ok: true })
    expect((await stack.status()).ok).toBe(true)
  })
})

async function newestRelease(): Promise<string> {
  const { stdout } = await stack.ecomweb(['history', '--json'])
  const releases = JSON.parse(stdout) as { id: string; result: string; command: string }[]
  return releases.find(({ command, result }) => command === 'deploy' && result === 'deployed')?.id ?? ''
}
