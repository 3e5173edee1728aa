import { availableParallelism, totalmem } from 'node:os'
import { EXIT, KitError } from '../errors.ts'

type Limits = {
  API_CPUS: number
  API_MEMORY: string
  CRON_CPUS: number
  CRON_MEMORY: string
  WORKER_CPUS: number
  WORKER_MEMORY: string
}

const PROFILES: Record<string, Limits> = {
  development: {
    API_CPUS: 1,
    API_MEMORY: '1G',
    CRON_CPUS: 0.25,
    CRON_MEMORY: '256M',
    WORKER_CPUS: 0.5,
    WORKER_MEMORY: '512M',
  },
  production: {
    API_CPUS: 2,
    API_MEMORY: '2G',
    CRON_CPUS: 0.5,
    CRON_MEMORY: '512M',
    WORKER_CPUS: 1,
    WORKER_MEMORY: '1G',
  },
}

export type Host = { cores: number; memory: number }

const thisHost = (): Host => ({ cores: availableParallelism(), memory: totalmem() })

/**
 * The limits of a profile as values for `.env`. Cores are capped at the host's, because the engine refuses a
 * container that asks for more. Errors: an unknown profile.
 */
export function profileLimits(name: string, host: Host = thisHost()): Record<string, string> {
  const profile = PROFILES[name]
  if (!profile) {
    throw new KitError(`there is no profile "${name}"`, {
      next: `./ecomweb up --profile ${Object.keys(PROFILES).join('|')}`,
      code: EXIT.usage,
    })
  }
  return Object.fromEntries(
    Object.entries(profile).map(([key, value]) => [
      key,
      typeof value === 'number' ? String(Math.min(value, host.cores)) : value,
    ]),
  )
}
