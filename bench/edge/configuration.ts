import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KitError } from '../../scripts/errors.ts'

/** The project's rules; the same without the counters of answers; no rules at all. */
export const VARIANTS = ['rules', 'uncounted', 'bare'] as const
export type Variant = (typeof VARIANTS)[number]

/** The folders that the containers mount, by container. */
export type Folders = Record<Variant | 'origin', string> & { remove(): void }

/** Writes each configuration into a temporary folder, with a map and a token of its own. */
export function writeConfigurations(root: string): Folders {
  const all = mkdtempSync(join(tmpdir(), 'ecomweb-bench-edge-'))
  // HAProxy's user must be able to enter.
  chmodSync(all, 0o755)
  const folder = (name: string, configuration: string): string => {
    const path = join(all, name)
    mkdirSync(join(path, 'state'), { recursive: true })
    writeFileSync(join(path, 'haproxy.cfg'), configuration)
    writeFileSync(join(path, 'state/routes.map'), 'active blue\nweight 0\n')
    writeFileSync(join(path, 'state/preview.token'), 'nobody-knows-this-one')
    return path
  }
  const own = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')
  const rules = readFileSync(join(root, 'haproxy/haproxy.cfg'), 'utf8')
  return {
    rules: folder('rules', rules),
    uncounted: folder('uncounted', withoutCounters(rules)),
    bare: folder('bare', own('bare.cfg')),
    origin: folder('origin', own('origin.cfg')),
    remove: () => rmSync(all, { recursive: true, force: true }),
  }
}

/** The configuration without the rules that count answers. Errors: it has none, so nothing would be compared. */
export function withoutCounters(configuration: string): string {
  const lines = configuration.split('\n')
  const kept = lines.filter((line) => !/^\s*http-response (track-sc|sc-inc-gpc)/.test(line))
  if (kept.length < lines.length) return kept.join('\n')
  throw new KitError('haproxy/haproxy.cfg has no rules that count answers', {
    why: 'no line begins with `http-response track-sc` or `http-response sc-inc-gpc`',
    next: 'correct withoutCounters in bench/edge/configuration.ts',
  })
}
