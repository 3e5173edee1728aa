import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../../../bench/results')

/** Results of this very commit, one line for each cell of a matrix, so that a run that was cut goes on where it ended. */
export class CellResults<Result extends { cell: string }> {
  readonly #file: string

  /** `fresh`: a file of this process alone, for a run that takes a few cells only. */
  constructor(name: string, fresh: boolean) {
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
    mkdirSync(FOLDER, { recursive: true })
    this.#file = join(FOLDER, `${name}-${commit}${fresh ? `-${process.pid}` : ''}.jsonl`)
  }

  get all(): Result[] {
    if (!existsSync(this.#file)) return []
    const lines = readFileSync(this.#file, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as Result)
  }

  find(cell: string): Result | undefined {
    return this.all.find((result) => result.cell === cell)
  }

  add(result: Result): void {
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`)
  }
}
