import { z } from 'zod'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of `500ms`, `5s`, `2m` or `1h`, or of `0`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (text.trim() === '0') return 0
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? []
  return amount === undefined ? undefined : Number(amount) * UNITS[unit as keyof typeof UNITS]
}

const MESSAGE = 'must be a duration such as 500ms, 5s or 2m'

/** A setting that is a duration; its value in milliseconds. */
export const duration = (fallback: string) =>
  z
    .union([z.string(), z.literal(0).transform(String)], MESSAGE)
    .default(fallback)
    .transform((text, context) => {
      const ms = parseDuration(text)
      if (ms !== undefined) return ms
      context.addIssue({ code: 'custom', message: MESSAGE })
      return z.NEVER
    })
