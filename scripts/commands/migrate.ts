import { stat } from 'node:fs/promises'
import { openStack, type StackContext } from '../context.ts'
import { migrate } from '../deploy/colour.ts'
import { conduct } from '../deploy/conduct.ts'
import { refuseUnfinished } from '../deploy/engine.ts'
import { readJournal } from '../deploy/journal.ts'
import type { Plan } from '../deploy/plan.ts'
import { basics } from '../deploy/prepare.ts'
import { EXIT, KitError } from '../errors.ts'
import { type Resolution, resolveMigration } from '../migrations/containers.ts'
import { contractPlan } from '../migrations/contract-plan.ts'
import { migrationsOfFolder } from '../migrations/folder.ts'
import { comparePending } from '../migrations/pending.ts'
import { lintPending, readRelease } from '../migrations/release.ts'
import {
  breaks,
  formatBlocked,
  formatComparison,
  formatFindings,
  nextCommand,
  refuseBreaking,
  summarise,
} from '../migrations/report.ts'
import type { ShippedMigration } from '../migrations/shipped.ts'
import { confirm } from '../output/confirm.ts'
import type { CommandSpec, Values } from './command.ts'
import { DRY_RUN } from './command.ts'

const WORKING_TREE = 'prisma/migrations'

/** How a dry run ends. */
const UNCHANGED = 'nothing was changed'

const VERBS: Record<string, (stack: StackContext, values: Values, operands: string[]) => Promise<void>> = {
  status,
  lint,
  deploy,
  contract,
  resolve,
}

export const migrateCommand: CommandSpec = {
  name: 'migrate',
  summary: 'show, check and apply the migrations of a release',
  operands: 'status|lint|deploy [IMAGE|FOLDER], contract, or resolve NAME [IMAGE]',
  arity: [1, 3],
  flags: {
    'rolled-back': { type: 'boolean', help: 'resolve: nothing of the migration remains' },
    applied: { type: 'boolean', help: 'resolve: all of the migration is done' },
    yes: { type: 'boolean', help: 'contract: do not ask for confirmation' },
    ...DRY_RUN,
  },
  examples: [
    './ecomweb migrate status                              what the live image needs and the database has',
    './ecomweb migrate lint                                pending files of prisma/migrations that harm a live stack',
    './ecomweb migrate lint registry.example.com/shop:2.1  the same for an image',
    './ecomweb migrate deploy shop:2.1                     apply its expand migrations now',
    './ecomweb migrate contract --dry-run                  what would be removed for good',
    './ecomweb migrate resolve 20260301_totals --rolled-back',
  ],
  async run(context, values, [verb = '', ...operands]) {
    const act = VERBS[verb]
    if (act) return act(await openStack(context), values, operands)
    throw new KitError(`there is no "migrate ${verb}"`, {
      next: './ecomweb migrate --help',
      code: EXIT.usage,
    })
  },
}

async function status(stack: StackContext, _values: Values, [image]: string[]): Promise<void> {
  const { label, image: id, found } = await readRelease(stack, image)
  const next = nextCommand(found)
  stack.print(formatComparison(label, found))
  if (next) stack.print(`next: ${next}`)
  const names = (list: ShippedMigration[]) => list.map(({ name }) => name)
  stack.emit({ image: id, ...found, pending: names(found.pending), contract: names(found.contract), next })
  if (found.failed.length + found.edited.length + found.pending.length > 0) process.exitCode = EXIT.failed
}

async function lint(stack: StackContext, _values: Values, [given = WORKING_TREE]: string[]): Promise<void> {
  const { shipped, found } = (await isFolder(given))
    ? await readFolder(stack, given)
    : await readRelease(stack, given)
  const toApply = [...found.pending, ...found.contract]
  const findings = await lintPending(shipped, toApply)
  if (findings.length > 0) stack.print(formatFindings(findings))
  stack.print(`${toApply.length} pending in ${given}: ${summarise(findings)}`)
  stack.emit({ pending: toApply.map(({ name }) => name), findings })
  if (breaks(findings)) process.exitCode = EXIT.failed
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false

async function readFolder(stack: StackContext, folder: string) {
  const shipped = await migrationsOfFolder(folder)
  return { shipped, found: comparePending(shipped, await stack.world.ledger.migrations()) }
}

async function deploy(stack: StackContext, _values: Values, [image]: string[]): Promise<void> {
  const release = await readRelease(stack, image)
  const findings = await lintPending(release.shipped, release.found.pending)
  if (findings.length > 0) stack.print(formatFindings(findings))
  refuseBreaking(findings)
  const step = migrate(stack, { to: release.idle, image: release.image })
  await stack.progress.step(step.title, step.run)
  if (stack.world.runner.dry) return stack.print(UNCHANGED)
  const applied = release.found.pending.map(({ name }) => name)
  stack.print(
    applied.length > 0 ? `applied: ${applied.join(', ')}` : `nothing was pending in ${release.label}`,
  )
  stack.emit({ ok: true, image: release.image, applied })
}

/** Always of the live image: only what serves alone may lose what the release before it used. */
async function contract(stack: StackContext, values: Values, operands: string[]): Promise<void> {
  if (operands.length > 0) {
    throw new KitError('`migrate contract` takes no image: it is always about the one that serves', {
      next: './ecomweb deploy IMAGE, then ./ecomweb migrate contract',
      code: EXIT.usage,
    })
  }
  await refuseUnfinished(stack)
  const { release, toApply, findings, blocked } = await contractPlan(stack)
  const migrations = toApply.map(({ name }) => name)
  if (findings.length > 0) stack.print(formatFindings(findings))
  stack.print(
    `${migrations.length} contract migrations in ${release.label}${migrations.map((name) => `\n  ${name}`).join('')}`,
  )
  if (migrations.length === 0) return stack.emit({ ok: true, applied: [] })
  refuseBreaking(findings)
  if (blocked.length > 0) stack.print(`there is no way back afterwards to:\n${formatBlocked(blocked)}`)
  await confirm(stack, Boolean(values.yes), 'nothing was applied')
  const { live, idle, image, shipped } = release
  const plan: Plan = {
    ...basics(stack, await readJournal(stack.world.disk), live, idle),
    ...{ command: 'contract', image, reference: release.label, migrations },
    shipped: shipped.map(({ name, contract }) => ({ name, contract })),
  }
  const { error } = await conduct(stack, plan)
  if (error !== undefined) throw error
  if (stack.world.runner.dry) return stack.print(UNCHANGED)
  stack.emit({ ok: true, image, applied: migrations })
}

async function resolve(stack: StackContext, values: Values, [name, image]: string[]): Promise<void> {
  const as = resolution(values)
  if (!name || !as) {
    throw new KitError('`migrate resolve` needs a migration, and either --rolled-back or --applied', {
      next: './ecomweb migrate status',
      code: EXIT.usage,
    })
  }
  const release = await readRelease(stack, image)
  if (!release.found.failed.includes(name)) {
    throw new KitError(`${name} has not failed, so there is nothing to resolve`, {
      why: `failed: ${release.found.failed.join(', ') || 'none'}`,
      next: './ecomweb migrate status',
    })
  }
  const step = resolveMigration(stack, release, name, as)
  await stack.progress.step(step.title, step.run)
  if (stack.world.runner.dry) return stack.print(UNCHANGED)
  stack.print(as === 'applied' ? `${name} counts as applied` : `${name} is pending again`)
  stack.print('next: ./ecomweb deploy, or ./ecomweb migrate deploy')
  stack.emit({ ok: true, migration: name, resolved: as })
}

const resolution = (values: Values): Resolution | undefined => {
  if (values['rolled-back'] === values.applied) return undefined
  return values.applied ? 'applied' : 'rolled-back'
}
