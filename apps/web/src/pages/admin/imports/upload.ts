import type { ImportAnswer, ImportKind, RowError } from '../../../api/imports.ts'
import { ApiError } from '../../../api/problem.ts'

export const MOST_BYTES = 10 * 1024 * 1024

/** A file as it was read when it was picked, so that what is stored is what was checked. */
export type Picked = { name: string; kind: ImportKind; content: Blob }

/** `refused`: nothing was stored, nor would be. `accepted`: undefined where the service does not say. */
export type Verdict = { refused: boolean; accepted: number | undefined; rejected: number; errors: RowError[] }

export type Upload =
  | { step: 'choose' }
  | { step: 'checked'; picked: Picked; verdict: Verdict }
  | { step: 'stored'; picked: Picked; verdict: Verdict }

/** Why a file is not worth sending, if it is not. */
export function fileProblem({ size }: { size: number }): string | undefined {
  if (size === 0) return 'The file is empty.'
  return size > MOST_BYTES ? 'The file is larger than 10 MB: split it.' : undefined
}

export function verdictOf({ import: { accepted, rejected }, errors }: ImportAnswer): Verdict {
  return { refused: false, accepted, rejected, errors }
}

/** What a refusal says of rows; undefined for errors that are not about rows. `partial`: one good row was enough. */
export function refusalOf(error: unknown, partial: boolean): Verdict | undefined {
  if (!(error instanceof ApiError) || error.status !== 422) return undefined
  const { errors, rejected } = error.members
  if (!Array.isArray(errors)) return undefined
  const rows = errors.filter(isRowError)
  if (rows.length === 0) return undefined
  return {
    refused: true,
    accepted: partial ? 0 : undefined,
    rejected: typeof rejected === 'number' ? rejected : rows.length,
    errors: rows,
  }
}

/** Asks, and takes a refusal of rows for an answer. Errors: any other refusal. */
export async function judged(partial: boolean, ask: () => Promise<ImportAnswer>): Promise<Verdict> {
  try {
    return verdictOf(await ask())
  } catch (error) {
    const refusal = refusalOf(error, partial)
    if (!refusal) throw error
    return refusal
  }
}

function isRowError(entry: unknown): entry is RowError {
  const { row, message } = (entry ?? {}) as Partial<RowError>
  return typeof row === 'number' && typeof message === 'string'
}
