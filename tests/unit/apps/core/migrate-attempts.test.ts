import { describe, expect, it } from 'vitest'
import { applyRun, backOff, type Effects, planRuns, settle } from '../../../../apps/core/migrate-attempts.ts'
import {
  describeBuild,
  dropInvalidIndex,
  soleConcurrentIndex,
  worksBeside,
} from '../../../../apps/core/migrate-index.ts'

const INDEX = 'CREATE INDEX CONCURRENTLY i ON t (c);'
const TABLE = 'ALTER TABLE t ADD COLUMN c INT;'

const refusal = (code: string) => `Error: P3018\n\nDatabase error code: ${code}\n\nDatabase error:\nERROR: no`

/** A database in which the run fails once for each of the codes, and what was done to it. */
const world = (script: string, codes: string[], changes: Partial<Effects> = {}) => {
  const done: string[] = []
  const left = [...codes]
  const effects: Effects = {
    async deploy({ names }) {
      done.push(`deploy ${names}`)
      const code = left.shift()
      return code === undefined ? { code: 0, output: '' } : { code: 1, output: refusal(code) }
    },
    failed: async () => '2_b',
    resolve: async (name, as) => done.push(`${name} ${as}`) > 0,
    findIndex: async () => undefined,
    dropInvalidIndex: async ({ name }) => done.push(`drop ${name}`) > 0,
    script: () => script,
    say: () => {},
    sleep: async (ms) => done.push(`wait ${ms}`),
    random: () => 1,
    stopping: () => false,
    ...changes,
  }
  return { done, effects, run: () => applyRun({ names: ['2_b'], lockTimeout: true }, effects, 3) }
}

describe('a run that meets a lock', () => {
  it.each(['55P03', '40P01'])(
    'is undone and tried again, longer apart each time (SQLSTATE %s)',
    async (code) => {
      const { done, run } = world(TABLE, [code, code])
      expect(await run()).toBeUndefined()
      const undone = ['deploy 2_b', '2_b rolled-back']
      expect(done).toEqual([...undone, 'wait 1000', ...undone, 'wait 2000', 'deploy 2_b'])
    },
  )

  it('is given up on after the last attempt, undone', async () => {
    const { done, run } = world(TABLE, ['55P03', '55P03', '55P03', '55P03'])
    expect(await run()).toMatchObject({ name: '2_b', undone: true, attempts: 3 })
    expect(done.at(-1)).toBe('2_b rolled-back')
  })

  it('is not tried again by a process that was asked to stop', async () => {
    expect(await world(TABLE, ['55P03'], { stopping: () => true }).run()).toMatchObject({
      attempts: 1,
      undone: true,
    })
  })

  it.each([
    ['controls transactions itself', { script: () => 'BEGIN; SELECT 1; COMMIT;' }],
    ['is not the one that failed', { failed: async () => '9_z' }],
    ['did not even begin', { failed: async () => undefined }],
    ['cannot be marked', { resolve: async () => false }],
  ])('is left as it is when it %s', async (_, changes) => {
    const { done, run } = world(TABLE, ['55P03'], changes)
    expect(await run()).toMatchObject({ undone: false, attempts: 1 })
    expect(done).toEqual(['deploy 2_b'])
  })
})

describe('a run that fails for good', () => {
  it('is undone and not tried again', async () => {
    const { done, run } = world(TABLE, ['22012'])
    expect(await run()).toMatchObject({ undone: true, attempts: 1 })
    expect(done).toEqual(['deploy 2_b', '2_b rolled-back'])
  })

  it('is left alone when the connection was lost, which proves nothing', async () => {
    const { done, run } = world(TABLE, ['57P01'])
    expect(await run()).toMatchObject({ undone: false })
    expect(done).toEqual(['deploy 2_b'])
  })
})

describe('an index that could not be made', () => {
  it('is dropped before the migration is marked, and made again after a deadlock', async () => {
    const { done, run } = world(INDEX, ['40P01'])
    expect(await run()).toBeUndefined()
    expect(done).toEqual(['deploy 2_b', 'drop i', '2_b rolled-back', 'wait 1000', 'deploy 2_b'])
  })

  it('is dropped and not made again when rows stand against it', async () => {
    const { done, run } = world(INDEX, ['23505'])
    expect(await run()).toMatchObject({ undone: true, attempts: 1 })
    expect(done).toEqual(['deploy 2_b', 'drop i', '2_b rolled-back'])
  })

  it('stays when its name is not known', async () => {
    const { done, run } = world('CREATE INDEX CONCURRENTLY ON t (c)', ['40P01'])
    expect(await run()).toMatchObject({ undone: false })
    expect(done).toEqual(['deploy 2_b'])
  })
})

describe('a migration that an earlier process began and did not finish', () => {
  it('is applied when its index is valid', async () => {
    const { done, effects } = world(INDEX, [], { findIndex: async () => ({ valid: true }) })
    expect(await settle('2_b', effects)).toBe('applied')
    expect(done).toEqual(['2_b applied'])
  })

  it.each([undefined, { valid: false }])('is done again when its index is %j', async (found) => {
    const { done, effects } = world(INDEX, [], { findIndex: async () => found })
    expect(await settle('2_b', effects)).toBe('rolled-back')
    expect(done).toEqual(['drop i', '2_b rolled-back'])
  })

  it('is for a person to judge when it does anything else', async () => {
    const { done, effects } = world(TABLE, [])
    expect(await settle('2_b', effects)).toBeUndefined()
    expect(done).toEqual([])
  })
})

describe('calls of Prisma', () => {
  const scripts: Record<string, string> = { a: TABLE, b: TABLE, c: INDEX, d: INDEX, e: TABLE }
  const plan = (inUse: boolean) => planRuns(Object.keys(scripts), (name) => scripts[name] ?? '', inUse)

  it('are one for what may take locks together, and one for each index, which may wait as long as it must', () => {
    expect(plan(true)).toEqual([
      { names: ['a', 'b'], lockTimeout: true },
      { names: ['c'], lockTimeout: false },
      { names: ['d'], lockTimeout: false },
      { names: ['e'], lockTimeout: true },
    ])
  })

  it('are one in a database that nobody uses yet', () => {
    expect(plan(false)).toEqual([{ names: ['a', 'b', 'c', 'd', 'e'], lockTimeout: true }])
    expect(planRuns([], String, true)).toEqual([])
  })
})

it.each([
  [1, 0, 500],
  [1, 1, 1000],
  [3, 1, 4000],
  [9, 1, 15_000],
])('waits after attempt %s (chance %s) for %s ms', (attempt, chance, ms) =>
  expect(backOff(attempt, chance)).toBe(ms),
)

describe('a script that only makes an index beside the traffic', () => {
  it.each([
    [INDEX, { name: 'i', table: 't' }],
    [
      '-- why;\ncreate unique index concurrently if not exists "A""b" on only shop."T" using btree (c)',
      { name: '"A""b"', table: 'shop."T"' },
    ],
    ['CREATE INDEX CONCURRENTLY ON t (c)', undefined],
    ['CREATE INDEX i ON t (c)', undefined],
    [`${INDEX} ${TABLE}`, undefined],
    ["CREATE INDEX CONCURRENTLY i ON t (c) WHERE d = ';'", undefined],
    ['-- CREATE INDEX CONCURRENTLY i ON t (c);', undefined],
  ])('%s', (script, wanted) => expect(soleConcurrentIndex(script)).toEqual(wanted))

  it('is one of those that may wait for locks without end', () => {
    expect([INDEX, 'DROP INDEX CONCURRENTLY i', 'reindex table concurrently t'].every(worksBeside)).toBe(true)
    expect([TABLE, `${INDEX} ${TABLE}`, ''].some(worksBeside)).toBe(false)
  })
})

describe('the index in the database', () => {
  const session = (rows: object[]) => {
    const asked: unknown[] = []
    const query = async (text: string, values?: unknown) => {
      asked.push(values ?? text)
      return { rows }
    }
    return { asked, query } as unknown as Parameters<typeof dropInvalidIndex>[0] & { asked: unknown[] }
  }

  it('is dropped without a limit to the wait when it is invalid', async () => {
    const database = session([{ shown: 'shop."I"', valid: false }])
    expect(await dropInvalidIndex(database, { name: '"I"', table: 'shop.t' })).toBe(true)
    expect(database.asked).toEqual([
      ['shop.t', 'I'],
      'SET lock_timeout = 0',
      'DROP INDEX CONCURRENTLY shop."I"',
      'RESET lock_timeout',
    ])
  })

  it.each([[[]], [[{ shown: 'i', valid: true }]]])('stays when it is %j', async (rows) => {
    const database = session(rows)
    expect(await dropInvalidIndex(database, { name: 'I', table: 't' })).toBe(false)
    expect(database.asked).toEqual([['t', 'i']])
  })

  it('says what its making waits for', async () => {
    const build = { phase: 'waiting for old snapshots', lockers: '1', pid: 77, done: '0', total: '0' }
    expect(await describeBuild(session([build]))).toBe(
      'building the index: waiting for old snapshots, 1 transactions to end (process 77)',
    )
    expect(await describeBuild(session([]))).toBeUndefined()
  })
})
