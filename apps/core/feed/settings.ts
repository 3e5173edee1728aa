import { createHash } from 'node:crypto'
import type { Env } from '../env.ts'

type Settings = Pick<
  Env,
  | 'FEED_SYNC'
  | 'FEED_API_KEY'
  | 'FEED_API_KEY_HASHES'
  | 'FEED_SOURCE_URL'
  | 'FEED_SOURCE_USER'
  | 'FEED_SOURCE_PASSWORD'
>

/** What the feed's variables lack beside one another, each as `NAME is …`; never with a value. */
export function feedComplaints(env: Settings): string[] {
  const source = ['FEED_SOURCE_URL', 'FEED_SOURCE_USER', 'FEED_SOURCE_PASSWORD'] as const
  const given = source.filter((name) => env[name] !== undefined)
  const complaints =
    given.length === 0 ? [] : source.filter((name) => !given.includes(name)).map(missing(given))
  if (env.FEED_SYNC !== 'cron') return complaints
  if (env.FEED_API_KEY === undefined)
    return [
      ...complaints,
      'FEED_API_KEY is missing: with FEED_SYNC=cron it should be the key that cron calls with',
    ]
  const hash = createHash('sha256').update(env.FEED_API_KEY).digest('hex')
  if (env.FEED_API_KEY_HASHES.includes(hash)) return complaints
  return [
    ...complaints,
    'FEED_API_KEY_HASHES is not valid: with FEED_SYNC=cron the SHA-256 hash of FEED_API_KEY should be among them',
  ]
}

const missing = (given: readonly string[]) => (name: string) =>
  `${name} is missing: a source needs it beside ${given.join(' and ')}`
