import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { EXIT, KitError } from '../errors.ts'
import { auditCommand, readAudit } from '../scan/audit.ts'
import { formatAudit, formatSecrets } from '../scan/report.ts'
import { scanSecrets } from '../scan/secrets.ts'
import type { CommandSpec } from './command.ts'

const PARTS = ['secrets', 'dependencies']
const AUDIT_LIMIT_MS = 120_000

export const scanCommand: CommandSpec = {
  name: 'scan',
  summary: 'look for secrets in git and in the browser bundle, and for weak dependencies',
  operands: `[${PARTS.join('|')}]`,
  arity: [0, 1],
  flags: {
    bundle: { type: 'string', value: 'DIR', help: 'the built web application (default build/web)' },
  },
  examples: [
    './ecomweb scan                 everything',
    './ecomweb scan secrets         without asking the registry of packages',
    './ecomweb scan --json',
  ],
  async run(context, values, [part]) {
    if (part !== undefined && !PARTS.includes(part)) {
      throw new KitError(`there is nothing to scan called "${part}"`, {
        next: './ecomweb scan --help',
        code: EXIT.usage,
      })
    }
    const { world, progress, root } = context
    if (values.bundle && !existsSync(resolve(root, String(values.bundle)))) {
      throw new KitError(`there is no folder ${values.bundle}`, { next: './ecomweb scan', code: EXIT.usage })
    }
    const secrets =
      part === 'dependencies' ? undefined : await scanSecrets(context, String(values.bundle ?? 'build/web'))
    const audit =
      part === 'secrets'
        ? undefined
        : await progress.step('weaknesses of dependencies', async (detail) => {
            const asked = await world.read.run(auditCommand, { check: false, timeoutMs: AUDIT_LIMIT_MS })
            const answer = readAudit(asked)
            if (answer.state === 'unavailable') detail('not available')
            return answer
          })
    if (secrets) context.print(formatSecrets(secrets))
    if (audit) context.print(formatAudit(audit))
    const ok = (secrets?.leaks.length ?? 0) === 0 && audit?.state !== 'found'
    context.emit({ ok, ...(secrets ? { secrets } : {}), ...(audit ? { dependencies: audit } : {}) })
    if (!ok) process.exitCode = EXIT.failed
  },
}
