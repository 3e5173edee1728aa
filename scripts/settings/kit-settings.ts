import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isNode, parseDocument } from 'yaml'
import { z } from 'zod'
import { KitError } from '../errors.ts'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of `500ms`, `5s`, `2m` or `1h`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? []
  return amount === undefined ? undefined : Number(amount) * UNITS[unit as keyof typeof UNITS]
}

const duration = (fallback: string) =>
  z
    .string('must be a duration such as 500ms, 5s or 2m')
    .default(fallback)
    .transform((text, context) => {
      const ms = parseDuration(text)
      if (ms !== undefined) return ms
      context.addIssue({ code: 'custom', message: 'must be a duration such as 500ms, 5s or 2m' })
      return z.NEVER
    })

const KitSettings = z.strictObject({
  ready_timeout: duration('3m'),
  drain_window: duration('2s'),
  drain_deadline: duration('40s'),
  background_timeout: duration('3m'),
})

/** Settings under `x-ecomweb:` in docker-compose.yml; every value in milliseconds. */
export type KitSettings = z.infer<typeof KitSettings>

/** Parses the settings of a Compose file's text. Errors: an unknown key, a value that is no duration. */
export function parseKitSettings(composeText: string): KitSettings {
  // Only this part is turned into values: Compose alone resolves the rest, anchors included.
  const document = parseDocument(composeText, { merge: true })
  const part = document.get('x-ecomweb', true)
  const parsed = KitSettings.safeParse(isNode(part) ? part.toJS(document) : {})
  if (parsed.success) return parsed.data
  const why = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown: ${issue.keys.join(', ')}; known: ${Object.keys(KitSettings.shape).join(', ')}`
      : `${issue.path.join('.')} ${issue.message}`,
  )
  throw new KitError('x-ecomweb in docker-compose.yml is not valid', {
    why: why.join('\n'),
    next: 'edit docker-compose.yml, then run the command again',
  })
}

export const readKitSettings = (root: string): KitSettings =>
  parseKitSettings(readFileSync(join(root, 'docker-compose.yml'), 'utf8'))
