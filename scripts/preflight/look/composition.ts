import { KitError } from '../../errors.ts'
import type { Runner } from '../../run.ts'
import type { Service } from '../facts.ts'

/** The services as Compose resolves them. Errors: docker-compose.yml or what it refers to is not valid. */
export async function readComposition(runner: Runner): Promise<Service[]> {
  const command = { file: 'docker', args: ['compose', '--ansi', 'never', 'config', '--format', 'json'] }
  const { code, stdout, stderr } = await runner.run(command, { check: false, timeoutMs: 30_000 })
  if (code === 0) return parseComposition(stdout)
  throw new KitError('docker-compose.yml is not valid', {
    why: `no container can be started or replaced: ${stderr.trim()}`,
    next: 'edit docker-compose.yml, then: docker compose config --quiet',
  })
}

type RawService = {
  image?: string
  build?: unknown
  deploy?: { replicas?: number; resources?: { limits?: { memory?: string } } }
  environment?: Record<string, string | null>
  stop_grace_period?: string
}

/** Compose's own default. */
const STOP_GRACE_MS = 10_000

/** Parses `docker compose config --format json`. */
export function parseComposition(json: string): Service[] {
  const { services } = JSON.parse(json) as { services: Record<string, RawService> }
  return Object.entries(services).map(([name, raw]) => ({
    name,
    image: raw.image ?? '',
    builds: raw.build !== undefined,
    replicas: raw.deploy?.replicas ?? 1,
    memoryLimit: Number(raw.deploy?.resources?.limits?.memory ?? 0),
    stopGraceMs: raw.stop_grace_period ? (goDuration(raw.stop_grace_period) ?? STOP_GRACE_MS) : STOP_GRACE_MS,
    environment: Object.fromEntries(
      Object.entries(raw.environment ?? {}).map(([key, value]) => [key, value ?? '']),
    ),
  }))
}

const UNITS: Record<string, number> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
}

/** Milliseconds of a duration as Go prints it, `1m30s`; undefined for anything else. */
export function goDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)]
  if (parts.map(([part]) => part).join('') !== text || text === '') return undefined
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0)
}
