import type { Result } from '../../scripts/run.ts'

/** What goes on outside of the kit: each yield says how many ms it needs until it goes on, if it ever does. */
export type Program = Generator<number, Result>

export const ok = (stdout = ''): Result => ({ code: 0, stdout, stderr: '' })
export const failed = (stderr: string, code = 1): Result => ({ code, stdout: '', stderr: `${stderr}\n` })
