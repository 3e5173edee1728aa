import { resolve } from 'node:path'
import type { Context } from '../context.ts'
import { isAllowed } from './allowed.ts'
import { secretValues } from './env-values.ts'
import { filesBelow, findInFiles } from './files.ts'
import type { Found, KnownValue } from './find.ts'
import { HistoryScan } from './history.ts'

/** A secret where it should not be, itself not shown. */
export type Leak = {
  place: 'working tree' | 'history' | 'bundle'
  path: string
  line: number
  rule: string
  title: string
  /** Enough to recognise it, not enough to use it. */
  shown: string
  /** For the history: the first commit that has it. */
  commit?: string
}

/** What was looked at; a place is left out, with the reason, when it is not there. */
export type SecretReport = { leaks: Leak[]; leftOut: string[] }

/** Looks for secrets in the working tree, in the whole history of git, and in the built web application. */
export async function scanSecrets(context: Context, bundle: string): Promise<SecretReport> {
  const { world, progress, root } = context
  const known = [
    ...secretValues((await world.disk.read('.env')) ?? ''),
    ...secretValues((await world.disk.read('.env.api')) ?? ''),
  ]
  const report: SecretReport = { leaks: [], leftOut: [] }
  await progress.step('secrets in the history of git', async (detail) => {
    const inside = await world.read.run(
      { file: 'git', args: ['rev-parse', '--is-inside-work-tree'] },
      { check: false },
    )
    if (inside.code !== 0) {
      detail('not a git repository')
      report.leftOut.push('history and working tree: not a git repository')
      return
    }
    report.leaks.push(...(await inRepository(context, known, detail)))
  })
  await progress.step('secrets in what browsers are given', async (detail) => {
    const folder = resolve(root, bundle)
    const paths = await filesBelow(folder)
    if (!paths) {
      detail('not built')
      report.leftOut.push(`browser bundle: ${bundle} is not built`)
      return
    }
    detail(`${paths.length} files`)
    const found = await findInFiles(folder, paths, known)
    report.leaks.push(...found.map((match) => leak('bundle', match, `${bundle}/${match.path}`)))
  })
  return report
}

async function inRepository(
  { world, root }: Context,
  known: KnownValue[],
  detail: (text: string) => void,
): Promise<Leak[]> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = await world.read.run({ file: 'git', args: list })
  const paths = stdout.split('\0').filter((path) => path !== '')
  const now = (await findInFiles(root, paths, known)).filter((found) => !isAllowed(found, found.path))
  const history = new HistoryScan(world.read, known)
  const before = (await history.run()).filter((found) => !isAllowed(found, found.path))
  detail(`${history.objects} objects, ${paths.length} files`)
  const leaks = now.map((found) => leak('working tree', found, found.path))
  const seen = new Set<string>()
  for (const found of before) {
    // Once for each path: which commits after the first still have it does not matter.
    const key = `${found.rule} ${found.path} ${found.secret}`
    if (seen.has(key)) continue
    seen.add(key)
    leaks.push({ ...leak('history', found, found.path), commit: await history.commitOf(found.object) })
  }
  return leaks
}

const leak = (place: Leak['place'], { rule, title, line, secret }: Found, path: string): Leak => ({
  place,
  path: path || 'message of a commit or tag',
  line,
  rule,
  title,
  shown: mask(secret),
})

/** The beginning, which for most tokens tells their kind, and the length. */
export const mask = (secret: string): string => `${secret.slice(0, 4)}… (${secret.length} characters)`
