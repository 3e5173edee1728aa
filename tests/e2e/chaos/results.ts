import { CellResults } from '../harness/cell-results.ts'

/** What one cell showed. */
export type CellResult = {
  cell: string
  /** Where the stack ended: in the new release or in the old one. */
  ended: string
  seconds: number
  requests: number
  /** Requests without a good answer; those that a killed part was serving. */
  failed: number
  /** What they were, and all else that a client did not get. */
  losses: string[]
  problems: string[]
}

export class ChaosResults extends CellResults<CellResult> {
  constructor(fresh: boolean) {
    super('chaos', fresh)
  }

  table(): string {
    const rows = this.all.map(
      ({ cell, ended, seconds, requests, failed, problems }) =>
        `${cell.padEnd(56)} ${ended.padEnd(12)} ${String(Math.round(seconds)).padStart(3)} s ${String(requests).padStart(5)} requests, ${failed} failed${problems.length > 0 ? `  ${problems.join('; ')}` : ''}`,
    )
    return rows.join('\n')
  }
}
