import { KitError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { Command, Result } from '../run.ts'
import { redact } from '../settings/secrets.ts'
import { HOOKS, type HookFacts, type HookName, hookEnvironment, isHookName } from './table.ts'

/** The part of `x-ecomweb:` that hooks obey; milliseconds. */
export type HookSettings = { hook_timeout: number }

/** `warning` is the failure of a hook that may not stop anything. */
export type HookOutcome = { ran: boolean; warning?: string }

/** What a hook is given to end by itself between SIGTERM and SIGKILL. */
const MERCY_S = 5

/**
 * Starts a hook under coreutils' `timeout`, which ends its children too: killed alone, a shell would leave them
 * behind with the deploy lock in their hands. Exit codes: 124 time over, 126 not executable, 137 killed.
 */
export const hookCommand = (hook: HookName, facts: HookFacts, timeoutMs: number): Command => ({
  file: 'timeout',
  args: ['-k', String(MERCY_S), String(timeoutMs / 1000), `./hooks/${hook}`],
  env: hookEnvironment(hook, facts),
})

/**
 * Runs a hook if the project has it; each line that it prints goes to `detail`, secrets replaced.
 * Errors: one that aborts failed, ran out of time or is not executable. The others only give a warning.
 */
export async function runHook(
  { disk, runner }: Pick<Ports, 'disk' | 'runner'>,
  hook: HookName,
  facts: HookFacts,
  { hook_timeout }: HookSettings,
  detail: (text: string) => void = () => {},
): Promise<HookOutcome> {
  if (!(await disk.list('hooks')).includes(hook)) return { ran: false }
  const ended = await runner.run(hookCommand(hook, facts, hook_timeout), {
    check: false,
    timeoutMs: hook_timeout + 2 * MERCY_S * 1000,
    stream: (line) => detail(redact(line)),
  })
  const failure = hookFailure(hook, ended, hook_timeout)
  if (!failure) return { ran: true }
  if (HOOKS[hook].aborts) throw failure
  return { ran: true, warning: [failure.message, failure.why].filter(Boolean).join(': ') }
}

/** What a hook's end means; undefined when it went well. */
function hookFailure(hook: HookName, { code, stdout, stderr }: Result, timeoutMs: number) {
  if (code === 0) return undefined
  const file = `hooks/${hook}`
  const why = redact(`${stdout}${stderr}`.trim().split('\n').slice(-15).join('\n'))
  const error = (what: string, next: string) => new KitError(what, { ...(why ? { why } : {}), next })
  if (code === 126) return error(`${file} cannot be executed`, `chmod +x ${file}`)
  if (code === 124 || code === 137) {
    return error(
      `${file} did not end within ${timeoutMs / 1000} s`,
      'make it faster, leave nothing running in the background, or raise hook_timeout under x-ecomweb',
    )
  }
  return error(`${file} failed with exit code ${code}`, `mend what ${file} complains of, then try again`)
}

export type HookProblem = { what: string; why: string; next: string }

/** What would go wrong with the hooks of this project: better known before a deploy than in its middle. */
export async function checkHooks({ disk, read }: Pick<Ports, 'disk' | 'read'>): Promise<HookProblem[]> {
  const problems: HookProblem[] = []
  for (const name of await disk.list('hooks')) {
    const file = `hooks/${name}`
    if (!isHookName(name)) {
      if (name.includes('.') || name === 'README') continue
      const known = `the names are ${Object.keys(HOOKS).join(', ')}`
      problems.push({ what: `${file} never runs`, why: known, next: `mv ${file} hooks/NAME` })
    } else if ((await read.run({ file: 'test', args: ['-x', file] }, { check: false })).code !== 0) {
      problems.push({
        what: `${file} is not executable`,
        why: 'it would fail when its turn comes',
        next: `chmod +x ${file}`,
      })
    }
  }
  return problems
}
