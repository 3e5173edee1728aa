import { z } from 'zod'
import { feedComplaints } from './feed/settings.ts'

const host = '[^\\s/@]+'
const url = (protocols: string) => z.string().regex(new RegExp(`^(${protocols})://${host}.*`))
const databaseUrl = z.string().regex(new RegExp(`^postgres(ql)?://(.+@)?${host}/.+`))
const name = z.string().regex(/^[\w.-]+$/)
const origin = z.string().regex(/^https?:\/\/[^\s/@]+$/)
const list = (text: string) => text.split(',').map((item) => item.trim())
const origins = z.string().transform(list).pipe(z.array(origin))
const secrets = z
  .string()
  .transform(list)
  .pipe(z.array(z.string().min(32)).min(1))
const hashes = z
  .string()
  .transform(list)
  .pipe(z.array(z.string().regex(/^[0-9a-f]{64}$/)))
const versionPart = z.string().regex(/^(?!__)[\w-]{1,200}$/)
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

/**
 * Every variable that the application reads. The description completes the sentence "NAME should be …";
 * it is the only text about a variable that an error shows, so that no secret value is ever printed.
 */
export const schema = z.object({
  DATABASE_URL: databaseUrl.describe(
    'the PostgreSQL URL of a role that owns no tables, postgresql://role:password@host:5432/database',
  ),
  MIGRATE_DATABASE_URL: databaseUrl
    .optional()
    .describe(
      'the PostgreSQL URL of the role that owns the tables, postgresql://owner:password@host:5432/database',
    ),
  DATABASE_POOL: whole(1, 100).default(5).describe('the connections of one process to PostgreSQL, 1 to 100'),
  REDIS_URL: url('rediss?').describe('a Redis URL, redis://host:6379'),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[\w.-]+:\d+$/)
    .describe('host and port of Temporal without a scheme, host:7233'),
  TEMPORAL_NAMESPACE: name.default('default').describe('the name of a Temporal namespace, such as default'),
  TEMPORAL_DEPLOYMENT_NAME: versionPart
    .optional()
    .describe('letters, digits, - and _ that name this shop among all workers (set by docker-compose.yml)'),
  TEMPORAL_WORKER_BUILD_ID: versionPart
    .optional()
    .describe('letters, digits, - and _ that tell this release from others (set by the start-up script)'),
  WORKER_TAKES_OVER: z
    .enum(['true', 'false'])
    .default('true')
    .transform((value) => value === 'true')
    .describe(
      'true for a worker whose version becomes current where no other one works, or false (set by docker-compose.yml)',
    ),
  PORT: whole(1, 65_535).default(3001).describe('the port that the API listens on, 1 to 65535'),
  WEB_CONCURRENCY: whole(1, 64)
    .default(2)
    .describe('the number of API processes in a container, 1 to 64 (set by docker-compose.yml)'),
  NODE_ENV: z
    .enum(['production', 'development', 'test'])
    .default('production')
    .describe('production, development or test'),
  ENVIRONMENT: z.enum(['staging', 'production']).default('production').describe('staging or production'),
  APP_URL: url('https?')
    .default('http://localhost')
    .describe('the public address of the shop, https://shop.example.com'),
  CORS_ORIGINS: origins
    .default([])
    .describe(
      'the origins of web clients on other hosts, https://shop.example.com,https://staging.example.com',
    ),
  FRONTEND_URL: origin
    .optional()
    .describe('the origin of the web client on another host, https://shop.example.com'),
  WEB_API_ORIGINS: origins
    .default([])
    .describe(
      'the origins of the APIs that the web client goes to when this one fails, https://api-2.example.com',
    ),
  JWT_SECRET: secrets
    .optional()
    .describe(
      'secrets of at least 32 characters, separated by commas: the first signs, all of them are accepted',
    ),
  ACCESS_TOKEN_MINUTES: whole(1, 1440)
    .default(15)
    .describe('the minutes that an access token is valid, 1 to 1440'),
  REFRESH_TOKEN_DAYS: whole(1, 365).default(30).describe('the days that a login lasts without use, 1 to 365'),
  RATE_LIMIT_EXEMPT_TOKEN: z
    .string()
    .min(32)
    .optional()
    .describe(
      'at least 32 characters; whoever sends them as X-Ecomweb-Exempt, such as a load test, is not throttled',
    ),
  FEED_SYNC: z
    .enum(['worker', 'cron', 'demand'])
    .default('demand')
    .describe(
      'what refreshes the data feed: worker (every hour, by Temporal), cron (which calls /refresh) or demand (nobody else)',
    ),
  FEED_DIR: z.string().startsWith('/').default('/data/feed').describe('the absolute folder of the data feed'),
  FEED_API_KEY_HASHES: hashes
    .default([])
    .describe('SHA-256 hashes of the keys that open the data feed, 64 hexadecimal digits each, by commas'),
  FEED_API_KEY: z
    .string()
    .min(16)
    .optional()
    .describe('the key with which cron calls /refresh, at least 16 characters; its hash is one of those'),
  FEED_REFRESH_URL: url('https?')
    .default('http://ecomweb-edge:8080/refresh')
    .describe('the address that cron calls to refresh the data feed, http://ecomweb-edge:8080/refresh'),
  FEED_SCHEDULE: z
    .string()
    .regex(/^\S+( \S+){4}$/)
    .default('0 * * * *')
    .describe('when the data feed is refreshed, as a cron expression of five fields in UTC, 0 * * * *'),
  FEED_SYNC_LIMIT_MS: whole(1000, 3_600_000)
    .default(300_000)
    .describe('the milliseconds after which a refresh of the data feed is given up, 1000 to 3600000'),
  FEED_SOURCE_URL: url('https?')
    .optional()
    .describe('the address of the phpMyAdmin that the data feed comes from, https://host/phpmyadmin/'),
  FEED_SOURCE_USER: z.string().optional().describe('the user that logs in there'),
  FEED_SOURCE_PASSWORD: z.string().optional().describe('the password of that user'),
  FEED_SOURCE_DATABASE: z.string().default('shop').describe('the database that is exported there'),
  FEED_SOURCE_TABLE: z.string().default('orders').describe('the table that is exported there'),
  HEALTH_CHECK_URL: url('https?')
    .default('http://ecomweb-edge:8080/api/health')
    .describe('the address that cron asks every five minutes, http://ecomweb-edge:8080/api/health'),
  CRON_PROOF_JOB: z
    .enum(['0', '1'])
    .default('0')
    .describe('1 for two jobs every second that only prove the schedule, else 0 (set by tests)'),
  REPORTS_BACKEND_URL: z
    .string()
    .regex(/^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+$/)
    .default('http://127.0.0.1:8080')
    .describe('the address of the reports backend, on the loopback interface, http://127.0.0.1:8080'),
  REPORTS_ENTRY: z
    .string()
    .optional()
    .describe('the file that starts the reports backend beside the API (set by the image)'),
  SMTP_URL: url('smtps?')
    .optional()
    .describe('the mail server that takes mails, smtp://user:password@mail.example.com:587'),
  MAIL_FROM: z
    .string()
    .regex(/^([^<>\r\n]* <[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/)
    .optional()
    .describe('the sender of mails, needed with SMTP_URL: The Shop <shop@example.com>'),
  ORDER_WEBHOOK_URL: url('https?')
    .optional()
    .describe('the address that is told of each order that is completed, https://erp.example.com/orders'),
  ALERT_WEBHOOK_URL: url('https?')
    .optional()
    .describe('the address that is told of failing or piling up background work, https://example.com/alerts'),
  WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe('what signs the bodies of webhooks, needed with either, at least 16 characters'),
  WEB_DIR: z
    .string()
    .startsWith('/')
    .default('/app/build/web')
    .describe('the absolute folder of the built web client (set by the image)'),
  DEBUG: z.string().default('').describe('the namespaces whose debug output is wanted, such as express:*'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('fatal, error, warn, info, debug, trace or silent'),
  READY_MAX_ATTEMPTS: whole(1, 100_000)
    .default(60)
    .describe('how often a container looks for its database before it gives up, 1 to 100000'),
  READY_INTERVAL_MS: whole(10, 600_000)
    .default(2000)
    .describe('the milliseconds between two such looks, 10 to 600000'),
  MIGRATE_ATTEMPTS: whole(1, 100)
    .default(5)
    .describe('how often a migration is tried that meets locks of others, 1 to 100'),
  UPLOADS_DIR: z.string().startsWith('/').default('/data/uploads').describe('the absolute folder of uploads'),
  UPLOADS_KEEP_DAYS: whole(1, 3650)
    .optional()
    .describe('the days after which an upload is removed that no product shows, 1 to 3650'),
  ECOMWEB_COLOUR: z.enum(['blue', 'green']).optional().describe('blue or green (set by docker-compose.yml)'),
  ECOMWEB_IMAGE: z.string().optional().describe('the image of this container (set by docker-compose.yml)'),
  ECOMWEB_ROLE: z
    .enum(['api', 'cron', 'worker'])
    .optional()
    .describe('api, cron or worker (set by docker-compose.yml)'),
  CONTROL_DIR: z
    .string()
    .startsWith('/')
    .default('/tmp/ecomweb-api')
    .describe('the absolute folder of the control sockets of the API processes'),
  APP_DRAIN_LIMIT_MS: whole(100, 600_000)
    .default(35_000)
    .describe(
      'the milliseconds in which a process that ends finishes its work, 100 to 600000 (set by the image)',
    ),
  APP_KEEP_ALIVE_MS: whole(1000, 600_000)
    .default(75_000)
    .describe('the milliseconds that an idle connection is kept, 1000 to 600000 (set by the image)'),
  TEMPORAL_SHUTDOWN_GRACE_MS: whole(100, 600_000)
    .default(20_000)
    .describe(
      'the milliseconds that activities of an ending worker are given, 100 to 600000 (set by the image)',
    ),
  TEMPORAL_SHUTDOWN_FORCE_MS: whole(100, 600_000)
    .default(30_000)
    .describe('the milliseconds after which a worker ends regardless, 100 to 600000 (set by the image)'),
  NODE_APP_INSTANCE: z.string().optional().describe('the number of this process (set by PM2)'),
})

/** What is needed as soon as something else is set. */
const together = [
  ['SMTP_URL', 'MAIL_FROM'],
  ['ORDER_WEBHOOK_URL', 'WEBHOOK_SECRET'],
  ['ALERT_WEBHOOK_URL', 'WEBHOOK_SECRET'],
] as const

export type Env = z.infer<typeof schema>

/** The environment cannot be used; the message names each variable and what it should be. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError'
}

/**
 * Checks the environment and gives it types and defaults. An empty variable counts as unset, because Compose
 * can blank a variable but not remove it.
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(given)
  const missing = together
    .filter(([one, other]) => one in given && !(other in given))
    .map(([, other]) => other)
  const invalid = parsed.error?.issues.map((issue) => String(issue.path[0])) ?? []
  const complaints = [...new Set([...invalid, ...missing])].map((name) => complaintAbout(name, given))
  if (parsed.success) complaints.push(...feedComplaints(parsed.data))
  if (parsed.success && complaints.length === 0) return parsed.data
  throw new EnvironmentError(explain(complaints))
}

/** Like readEnv, but ends the process with the explanation: for the first line of an entry point. */
export function readEnvOrExit(source: NodeJS.ProcessEnv = process.env): Env {
  try {
    return readEnv(source)
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

function complaintAbout(name: string, given: Record<string, unknown>): string {
  const should = schema.shape[name as keyof Env].description
  return `${name} is ${name in given ? 'not valid' : 'missing'}: it should be ${should}`
}

function explain(complaints: string[]): string {
  const many = complaints.length === 1 ? '1 variable' : `${complaints.length} variables`
  const lines = complaints.map((complaint) => `  ${complaint}`).join('\n')
  return `The environment cannot be used (${many}):\n${lines}\nSet them in .env.api and start again.`
}
