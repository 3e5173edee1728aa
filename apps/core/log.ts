import { type Logger, pino } from 'pino'
import type { Env } from './env.ts'
import { logOutput } from './log-output.ts'

export type Log = Logger

const secrets = ['authorization', 'cookie', 'password', 'passwordHash', 'token', 'secret', 'connectionString']

/** One JSON line per entry on standard output; whatever could carry a credential is blanked on the way. */
export function openLog(
  env: Pick<Env, 'LOG_LEVEL' | 'ECOMWEB_COLOUR' | 'ECOMWEB_ROLE' | 'NODE_APP_INSTANCE'>,
): Log {
  return pino(
    {
      level: env.LOG_LEVEL,
      base: { role: env.ECOMWEB_ROLE, colour: env.ECOMWEB_COLOUR, worker: env.NODE_APP_INSTANCE },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          ...secrets.flatMap((key) => [key, `*.${key}`]),
          'req.headers.authorization',
          'req.headers.cookie',
          'req.headers["x-api-key"]',
          'req.headers["x-ecomweb-preview"]',
          'res.headers["set-cookie"]',
        ],
        censor: '[redacted]',
      },
    },
    logOutput(),
  )
}
