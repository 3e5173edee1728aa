/**
 * Reduces package.json and its lock file to what runs in production:
 *
 *   node production-manifest.ts FROM TO
 *
 * The image's largest layer is then built from these two files alone, so that neither a new development tool nor
 * a changed script installs everything again.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Json = Record<string, unknown>
type Lock = Json & { packages: Record<string, Json> }

/** The manifest without scripts and development dependencies. */
export function productionManifest({ devDependencies, scripts, ...manifest }: Json): Json {
  return manifest
}

/** The lock file without packages that only development needs. */
export function productionLock(lock: Lock): Lock {
  const packages = Object.entries(lock.packages)
    .filter(([, entry]) => !entry.dev && !entry.devOptional)
    .map(([path, entry]) => [path, path === '' ? productionManifest(entry) : entry])
  return { ...lock, packages: Object.fromEntries(packages) }
}

function reduce<T extends Json>(file: string, from: string, to: string, change: (value: T) => Json): void {
  const value = change(JSON.parse(readFileSync(join(from, file), 'utf8')) as T)
  writeFileSync(join(to, file), `${JSON.stringify(value, null, 2)}\n`)
}

if (import.meta.main) {
  const [from = '.', to = '.'] = process.argv.slice(2)
  reduce('package.json', from, to, productionManifest)
  reduce('package-lock.json', from, to, productionLock)
}
