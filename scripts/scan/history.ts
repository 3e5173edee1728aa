import { randomUUID } from 'node:crypto'
import type { Command, Runner } from '../run.ts'
import { type Found, findInLine, type KnownValue } from './find.ts'

/** A secret with the object of git that holds it; `path` is empty for the message of a commit or tag. */
export type FoundInHistory = Found & { path: string; object: string }

type GitObject = { id: string; size: number; path: string }

const git = (args: string[], input?: string): Command => ({
  file: 'git',
  args: ['-c', 'core.quotePath=false', ...args],
  ...(input === undefined ? {} : { input }),
})

/** Larger files are not written by people. */
const LARGEST_FILE = '1m'
/** Characters that are held in memory at a time. */
const BATCH_BYTES = 16_000_000

/** Looks for secrets in everything that git keeps: each version of each file, and what commits and tags say. */
export class HistoryScan {
  readonly #runner: Runner
  readonly #known: KnownValue[]
  /** Versions of a file share nearly all lines: each is looked at once. */
  readonly #seen = new Set<string>()
  objects = 0

  constructor(runner: Runner, known: KnownValue[] = []) {
    this.#runner = runner
    this.#known = known
  }

  /** All that was found. Errors: this is no git repository. */
  async run(): Promise<FoundInHistory[]> {
    const found: FoundInHistory[] = []
    for (const batch of inBatches(await this.#list())) found.push(...(await this.#look(batch)))
    return found
  }

  /** The first commit that brought an object, abbreviated. */
  async commitOf(object: string): Promise<string> {
    const log = await this.#runner.run(
      git(['log', '--all', '--reverse', '--format=%h', `--find-object=${object}`]),
    )
    return log.stdout.split('\n')[0] || object.slice(0, 8)
  }

  async #list(): Promise<GitObject[]> {
    const listed = await this.#runner.run(
      git(['rev-list', '--objects', '--all', '--in-commit-order', `--filter=blob:limit=${LARGEST_FILE}`]),
    )
    const format = '--batch-check=%(objecttype) %(objectsize) %(objectname) %(rest)'
    const checked = await this.#runner.run(git(['cat-file', '--buffer', format], listed.stdout))
    const objects = checked.stdout.split('\n').flatMap((line) => {
      const [, type, size, id, path = ''] = /^(\w+) (\d+) (\w+) ?(.*)$/.exec(line) ?? []
      if (!id || type === 'tree') return []
      return [{ id, size: Number(size), path: type === 'blob' ? path : '' }]
    })
    // The oldest first: what is found is then where it came in.
    return objects.reverse()
  }

  async #look(batch: GitObject[]): Promise<FoundInHistory[]> {
    // No object can know the mark that separates them, so none can pretend to be another.
    const mark = `${randomUUID()} `
    const wanted = batch.map(({ id, path }) => `${id} ${path}\n`).join('')
    const format = `--batch=${mark}%(objectname) %(rest)`
    const { stdout } = await this.#runner.run(git(['cat-file', '--buffer', format], wanted))
    return stdout
      .split(mark)
      .slice(1)
      .flatMap((text) => {
        const end = text.indexOf('\n')
        const [, object = '', path = ''] = /^(\w+) (.*)$/.exec(text.slice(0, end)) ?? []
        return this.#lines(object, path, text.slice(end + 1))
      })
  }

  #lines(object: string, path: string, text: string): FoundInHistory[] {
    this.objects += 1
    // What holds a NUL is no text.
    if (text.includes('\0')) return []
    return text.split('\n').flatMap((line, index) => {
      const key = `${path}\0${line}`
      if (line.length < 8 || this.#seen.has(key)) return []
      this.#seen.add(key)
      return findInLine(line, index + 1, this.#known).map((found) => ({ ...found, path, object }))
    })
  }
}

function inBatches(objects: GitObject[]): GitObject[][] {
  const batches: GitObject[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const object of objects) {
    if (size + object.size > BATCH_BYTES) {
      batches.push([])
      size = 0
    }
    batches.at(-1)?.push(object)
    size += object.size
  }
  return batches
}
