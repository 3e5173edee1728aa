import type { Point } from './point.ts'

const MARKS = { ok: '✓', failed: '✗', unknown: '-' } as const

/** One point on a line, and below it what mends it. */
export function formatPoint({ title, verdict, detail, next }: Point): string {
  const line = `  ${MARKS[verdict]} ${title.padEnd(44)} ${detail.replaceAll('\n', '\n      ')}`
  return next ? `${line}\n      next: ${next}` : line
}
