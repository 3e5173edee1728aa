import { expect, it } from 'vitest'
import type { StackContext } from '../../../../scripts/context.ts'
import { migrate } from '../../../../scripts/deploy/colour.ts'
import type { AppliedMigration } from '../../../../scripts/ports.ts'
import type { Command } from '../../../../scripts/run.ts'

const applied = (name: string, finished = true): AppliedMigration => ({
  ...{ name, checksum: '', finished, rolledBack: false },
})
const expand = { name: '001_init', contract: false }
const contract = { name: '002_drop', contract: true }

/** The commands that the step runs where the ledger has these rows, and the details that it shows. */
async function run(shipped: (typeof expand)[] | undefined, rows: () => Promise<AppliedMigration[]>) {
  const commands: Command[] = []
  const details: string[] = []
  const runner = {
    run: async (command: Command) => {
      commands.push(command)
      return { code: 0, stdout: '', stderr: '' }
    },
  }
  const context = { world: { runner, ledger: { migrations: rows } } } as unknown as StackContext
  const plan = { to: 'green' as const, image: 'shop:2', ...(shipped ? { shipped } : {}) }
  await migrate(context, plan).run((text) => details.push(text))
  return { commands, details }
}

it('starts no container where all expand migrations of the image are applied, and says so', async () => {
  const { commands, details } = await run([expand, contract], async () => [applied('001_init')])
  expect([commands, details]).toEqual([[], ['all are applied already']])
})

it.each([
  ['one of them is not applied', [expand, { name: '003_more', contract: false }], [applied('001_init')]],
  ['one was left halfway', [expand], [applied('001_init'), applied('009_other', false)]],
  ['the image carries none, and may keep its own ledger', [], [applied('001_init')]],
  ['nobody has looked what it carries', undefined, [applied('001_init')]],
])('runs MIGRATE_COMMAND where %s', async (_, shipped, rows) => {
  const { commands } = await run(shipped, async () => rows)
  expect(commands.map(({ args, env }) => [args.at(-1), env])).toEqual([
    ['exec $MIGRATE_COMMAND', { API_GREEN_IMAGE: 'shop:2' }],
  ])
})

it('leaves a database that does not answer to MIGRATE_COMMAND, which waits for it', async () => {
  const { commands } = await run([expand], () => Promise.reject(new Error('connection refused')))
  expect(commands).toHaveLength(1)
})
