import { z } from 'zod'
import { KitError } from '../errors.ts'
import { parseEnvFile } from './env-file.ts'
import { isSecretName, keepSecret } from './secrets.ts'

const port = (fallback: number) =>
  z.coerce
    .number('must be a port number from 1 to 65535')
    .int()
    .min(1, 'must be a port number from 1 to 65535')
    .max(65535, 'must be a port number from 1 to 65535')
    .default(fallback)
const count = (fallback: number) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(0, 'must not be negative')
    .max(100, 'must be at most 100')
    .default(fallback)
const url = z.string().refine((text) => text === '' || /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
  error: 'must be a URL that begins with https:// or http://',
})
const image = z.string().min(1, 'must name an image').default('ecomweb/app:local')

/** What `.env` may say to Compose and the kit; the defaults are those of docker-compose.yml. */
const StackEnv = z.object({
  ECOMWEB_NAME: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,30}$/,
      'must be 1 to 31 of a-z, 0-9, _ and -, starting with a letter or digit',
    )
    .default('ecomweb'),
  HTTP_PORT: port(80),
  API_BLUE_PORT: port(3001),
  API_GREEN_PORT: port(3002),
  STATS_PORT: port(8404),
  API_BLUE_IMAGE: image,
  API_GREEN_IMAGE: image,
  BACKGROUND_IMAGE: image,
  /** The version before, which finishes what it has begun. */
  WORKER_PREVIOUS_IMAGE: image,
  HAPROXY_IMAGE: z.string().default('haproxy:3.2'),
  POSTGRES_IMAGE: z.string().default('postgres:17'),
  REDIS_IMAGE: z.string().default('redis:8'),
  TEMPORAL_IMAGE: z.string().default('temporalio/server:1.31.2'),
  TEMPORAL_TOOLS_IMAGE: z.string().default('temporalio/admin-tools:1.31.2'),
  WORKER_REPLICAS: count(1),
  WORKER_PREVIOUS_REPLICAS: count(0),
  POSTGRES_REPLICAS: count(1),
  TEMPORAL_REPLICAS: count(1),
  WEB_CONCURRENCY: count(2),
  /** Told of every deploy, rollback, switch and `migrate contract` in JSON, signed with the secret. */
  NOTIFY_WEBHOOK_URL: url.optional(),
  NOTIFY_WEBHOOK_SECRET: z.string().optional(),
  /** An incoming webhook as Slack, Mattermost and others have them. */
  NOTIFY_SLACK_URL: url.optional(),
})

const SECRET_LENGTH = 16
const Consistent = StackEnv.refine(
  (env) => !env.NOTIFY_WEBHOOK_URL || (env.NOTIFY_WEBHOOK_SECRET ?? '').length >= SECRET_LENGTH,
  {
    path: ['NOTIFY_WEBHOOK_SECRET'],
    error: `must have at least ${SECRET_LENGTH} characters where NOTIFY_WEBHOOK_URL is set (openssl rand -hex 24)`,
  },
)

export type StackEnv = z.infer<typeof StackEnv>

/** Names that `.env` decides; an exported variable of the same name would silently win inside Compose. */
export const STACK_NAMES: readonly string[] = Object.keys(StackEnv.shape)

/** Checks raw values; every problem is named with what the value should be. */
export function parseStackEnv(values: Record<string, string>): StackEnv {
  const parsed = Consistent.safeParse(values)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
  throw new KitError('.env holds a value that cannot be used', {
    why: problems.join('\n'),
    next: 'edit .env, then run the command again',
  })
}

export type StackFiles = { env: StackEnv; app: Record<string, string> }

/** Values of a stack's `.env` and `.env.api`; remembers their secrets so that no output shows them. */
export function parseStackFiles(stackText: string, appText: string): StackFiles {
  const [values, app] = [parseEnvFile(stackText), parseEnvFile(appText)]
  for (const [name, value] of Object.entries({ ...values, ...app })) {
    if (isSecretName(name)) keepSecret(value)
    if (name.endsWith('_URL')) keepSecret(passwordOf(value))
  }
  return { env: parseStackEnv(values), app }
}

const passwordOf = (url: string): string | undefined =>
  URL.canParse(url) ? decodeURIComponent(new URL(url).password) : undefined
