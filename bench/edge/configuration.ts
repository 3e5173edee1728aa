import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The folders that the containers mount, by container. */
export type Folders = { rules: string; bare: string; origin: string; remove(): void }

/** Copies each configuration into a temporary folder; the project's gets a map and a token of its own. */
export function writeConfigurations(root: string): Folders {
  const all = mkdtempSync(join(tmpdir(), 'ecomweb-bench-edge-'))
  // HAProxy's user must be able to enter.
  chmodSync(all, 0o755)
  const folder = (name: string, configuration: string): string => {
    const path = join(all, name)
    mkdirSync(join(path, 'state'), { recursive: true })
    copyFileSync(configuration, join(path, 'haproxy.cfg'))
    return path
  }
  const rules = folder('rules', join(root, 'haproxy/haproxy.cfg'))
  writeFileSync(join(rules, 'state/routes.map'), 'active blue\nweight 0\n')
  writeFileSync(join(rules, 'state/preview.token'), 'nobody-knows-this-one')
  return {
    rules,
    bare: folder('bare', join(import.meta.dirname, 'bare.cfg')),
    origin: folder('origin', join(import.meta.dirname, 'origin.cfg')),
    remove: () => rmSync(all, { recursive: true, force: true }),
  }
}
