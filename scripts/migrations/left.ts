import type { StackContext } from '../context.ts'
import type { Plan } from '../deploy/plan.ts'
import type { Running } from '../deploy/steps.ts'
import { appliedNames } from './pending.ts'

/**
 * The migrations that a deploy which went back has applied and nobody takes away again: only such run before a switch
 * as the release that serves works with. Where the database does not answer, all of them if the step had ended.
 */
export async function migrationsLeft(
  { world }: Pick<StackContext, 'world'>,
  { command, migrations }: Pick<Plan, 'command' | 'migrations'>,
  { begun, facts }: Pick<Running, 'begun' | 'facts'>,
): Promise<string[]> {
  if (command !== 'deploy' || migrations.length === 0 || !begun.has('migrate')) return []
  const rows = await world.ledger.migrations().catch(() => undefined)
  if (!rows) return facts.has('migrate') ? migrations : []
  const applied = appliedNames(rows)
  return migrations.filter((name) => applied.has(name))
}

/** Says so, for people; nothing where none is left. */
export const sayLeft = (migrations: readonly string[] = []): string[] =>
  migrations.length === 0
    ? []
    : [
        `${migrations.join(', ')} ${migrations.length > 1 ? 'stay' : 'stays'} applied; the release that serves works with ${migrations.length > 1 ? 'them' : 'it'}`,
      ]
