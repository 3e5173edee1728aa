import { isNode, parseDocument } from 'yaml'
import { z } from 'zod'
import { ProbeRequest } from '../analysis/probes.ts'
import { DEFAULT_RULES } from '../analysis/rules.ts'
import { KitError } from '../errors.ts'
import { Autoscale } from './autoscale.ts'
import { duration } from './duration.ts'
import { nearest } from './nearest.ts'

/** Shares of traffic in %, rising; empty for no canary. */
const weights = z
  .array(z.int().min(1, 'must be 1 to 99').max(99, 'must be 1 to 99'), 'must be a list such as [5, 25, 50]')
  .refine(
    (list) => list.every((weight, index) => index === 0 || weight > (list[index - 1] ?? 0)),
    'must rise',
  )

const Analysis = z.strictObject({
  /** From one look at HAProxy's counters to the next. */
  interval: duration('1s'),
  /** Answers by each colour, without which there is no verdict. */
  min_requests: z.int().min(1).default(DEFAULT_RULES.minRequests),
  /** Share of errors beyond the old colour's, in %, from which on more errors matter. */
  error_excess: z
    .number()
    .min(0)
    .max(100)
    .default(DEFAULT_RULES.errors.excess * 100),
  /** How many times slower, and by how many ms at least, is too slow. */
  latency_factor: z.number().min(1).default(DEFAULT_RULES.latency.factor),
  latency_ms: z.number().min(0).default(DEFAULT_RULES.latency.ms),
  inconclusive: z.enum(['continue', 'rollback']).default('continue'),
})

const Probes = z.strictObject({
  rate: z.number().min(0).max(100).default(5),
  /** So high by default that they run beside users too: of what few users do, users show too little. */
  below: z.number().min(0).default(1000),
  requests: z.array(ProbeRequest).default([]),
})

/** Limits of what the new image replays before a deploy. */
const Replay = z.strictObject({
  per_type: z.int().min(1, 'must be 1 to 1000').max(1000, 'must be 1 to 1000').default(20),
  closed_within: duration('24h'),
  history_bytes: z.int().min(1).default(10_000_000),
  limit: duration('30s'),
})

const KitSettings = z.strictObject({
  ready_timeout: duration('3m'),
  drain_window: duration('2s'),
  drain_deadline: duration('40s'),
  background_timeout: duration('3m'),
  canary: weights.default([5, 25, 50]),
  canary_step: duration('15s'),
  soak: duration('30s'),
  analysis: Analysis.prefault({}),
  probes: Probes.prefault({}),
  smoke: z.array(ProbeRequest).default([]),
  replay: Replay.prefault({}),
  hook_timeout: duration('1m'),
  keep_releases: z.int().min(2).default(5),
  disk_watermark: z.int().min(10, 'must be 10 to 100 %').max(100, 'must be 10 to 100 %').default(85),
  autoscale: Autoscale.prefault({}),
})

/** Settings under `x-ecomweb:` in docker-compose.yml; durations in milliseconds. */
export type KitSettings = z.infer<typeof KitSettings>

/** Names that are known where a key is not: at the top, or inside one of its parts. */
const namesAt = (path: readonly PropertyKey[]): string[] => {
  const inside = { analysis: Analysis, probes: Probes, replay: Replay, autoscale: Autoscale }[String(path[0])]
  return Object.keys((inside ?? KitSettings).shape)
}

/** Parses the settings of a Compose file's text. Errors: an unknown key, a value that cannot be used. */
export function parseKitSettings(composeText: string): KitSettings {
  // Only this part is turned into values: Compose alone resolves the rest, anchors included.
  const document = parseDocument(composeText, { merge: true })
  const part = document.get('x-ecomweb', true)
  const parsed = KitSettings.safeParse(isNode(part) ? part.toJS(document) : {})
  if (parsed.success) return parsed.data
  const why = parsed.error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [`${issue.path.join('.')} ${issue.message}`]
    const known = namesAt(issue.path)
    return issue.keys.map((key) => {
      const meant = nearest(key, known)
      const at = [...issue.path, key].join('.')
      return `unknown: ${at}; ${meant ? `did you mean ${meant}?` : `known: ${known.join(', ')}`}`
    })
  })
  throw new KitError('x-ecomweb in docker-compose.yml is not valid', {
    why: why.join('\n'),
    next: 'edit docker-compose.yml, then run the command again',
  })
}

/** Weights of `--canary 5,25,50`; `none` for no canary. Errors: a share that is none, or that does not rise. */
export function parseWeights(text: string): number[] {
  if (text === 'none' || text === '') return []
  const parsed = weights.safeParse(text.split(',').map(Number))
  if (parsed.success) return parsed.data
  throw new KitError(`--canary ${text} is not a list of shares`, {
    why: parsed.error.issues.map(({ message }) => message).join('; '),
    next: './ecomweb deploy --canary 5,25,50   (or --canary none)',
    code: 2,
  })
}
