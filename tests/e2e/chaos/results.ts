import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What one cell showed. */
export type CellResult = {
  cell: string
  /** Where the stack ended: in the new release or in the old one. */
  ended: string
  seconds: number
  requests: number
  /** Requests without a good answer; those that a killed part was serving. */
  failed: number
  problems: string[]
}

const FOLDER = join(import.meta.dirname, '../../../bench/results')

/** Results of this very commit, kept in a file so that a run that was cut goes on where it ended. */
export class ChaosResults {
  readonly #file: string

  constructor(fresh: boolean) {
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
    mkdirSync(FOLDER, { recursive: true })
    this.#file = join(FOLDER, fresh ? `chaos-${commit}-${process.pid}.jsonl` : `chaos-${commit}.jsonl`)
  }

  get all(): CellResult[] {
    if (!existsSync(this.#file)) return []
    const lines = readFileSync(this.#file, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as CellResult)
  }

  find(cell: string): CellResult | undefined {
    return this.all.find((result) => result.cell === cell)
  }

  add(result: CellResult): void {
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`)
  }

  table(): string {
    const rows = this.all.map(
      ({ cell, ended, seconds, requests, failed, problems }) =>
        `${cell.padEnd(56)} ${ended.padEnd(12)} ${String(Math.round(seconds)).padStart(3)} s ${String(requests).padStart(5)} requests, ${failed} failed${problems.length > 0 ? `  ${problems.join('; ')}` : ''}`,
    )
    return rows.join('\n')
  }
}
