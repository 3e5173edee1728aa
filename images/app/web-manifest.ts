/**
 * Reduces package.json and its lock file to what builds the web application and bundles the programs:
 *
 *   node web-manifest.ts FROM TO
 *
 * These are development dependencies, of which most others (browsers, test runners) have no place in an image's build.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Names = Record<string, string>
type Entry = {
  dependencies?: Names
  optionalDependencies?: Names
  peerDependencies?: Names
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
  [other: string]: unknown
}
type Manifest = Entry & { devDependencies?: Names; scripts?: Names }
type Lock = { packages: Record<string, Entry>; [other: string]: unknown }

/** What apps/web imports, what builds it, and what bundles (see bundle.ts); the rest follows from the lock file. */
export const webPackages = [
  '@tanstack/react-query',
  '@vitejs/plugin-react',
  'react',
  'react-dom',
  'react-router',
  'recharts',
  'rolldown',
  'swagger-ui-dist',
  'vite',
]
const SCRIPT = 'build:web'

/** The manifest with these packages as its dependencies, and the one script that needs them. */
export function webManifest({ dependencies, devDependencies, scripts, ...manifest }: Manifest): Manifest {
  const all = { ...dependencies, ...devDependencies }
  const versions = webPackages.map((name) => {
    const version = all[name]
    if (!version) throw new Error(`package.json does not name ${name}, which apps/web needs`)
    return [name, version]
  })
  const { overrides: _, ...rest } = manifest
  return {
    ...rest,
    scripts: { [SCRIPT]: scripts?.[SCRIPT] ?? '' },
    dependencies: Object.fromEntries(versions),
  }
}

/** The lock file with these packages and all that they need, for every platform: npm chooses among them. */
export function webLock(lock: Lock): Lock {
  const root = webManifest(lock.packages[''] as Manifest)
  delete root.scripts
  const reached = new Set<string>()
  const waiting = webPackages.map((name) => ({ name, from: '', optional: false }))
  for (const { name, from, optional } of waiting) {
    const path = resolve(lock.packages, name, from)
    if (!path) {
      if (optional) continue
      throw new Error(`package-lock.json has no ${name} for ${from || 'apps/web'}`)
    }
    if (reached.has(path)) continue
    reached.add(path)
    waiting.push(...needsOf(lock.packages[path] ?? {}).map((need) => ({ ...need, from: path })))
  }
  const packages = [...reached].sort().map((path) => {
    const { dev, devOptional, ...entry } = lock.packages[path] ?? {}
    return [path, entry]
  })
  return { ...lock, packages: { '': root, ...Object.fromEntries(packages) } }
}

function needsOf(entry: Entry): { name: string; optional: boolean }[] {
  const needs = (names: Names | undefined, optional: (name: string) => boolean) =>
    Object.keys(names ?? {}).map((name) => ({ name, optional: optional(name) }))
  const peers = Object.entries(entry.peerDependencies ?? {}).filter(
    ([name]) => !entry.peerDependenciesMeta?.[name]?.optional,
  )
  return [
    ...needs(entry.dependencies, () => false),
    ...needs(entry.optionalDependencies, () => true),
    ...needs(Object.fromEntries(peers), () => false),
  ]
}

/** Where Node finds NAME from the package at FROM: in its own node_modules, or in those of the folders above. */
function resolve(packages: Lock['packages'], name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder && `${folder}/`}node_modules/${name}`
    if (path in packages) return path
    if (!folder) return undefined
  }
}

function reduce<T>(file: string, from: string, to: string, change: (value: T) => unknown): void {
  const value = change(JSON.parse(readFileSync(join(from, file), 'utf8')) as T)
  writeFileSync(join(to, file), `${JSON.stringify(value, null, 2)}\n`)
}

if (import.meta.main) {
  const [from = '.', to = '.'] = process.argv.slice(2)
  reduce('package.json', from, to, webManifest)
  reduce('package-lock.json', from, to, webLock)
}
