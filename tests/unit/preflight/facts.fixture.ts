import { type Finding, judgeFacts, type Outcome } from '../../../scripts/preflight/check.ts'
import { CHECKS } from '../../../scripts/preflight/checks.ts'
import type { Facts, FactValues, Lack, Service } from '../../../scripts/preflight/facts.ts'
import { parseKitSettings } from '../../../scripts/settings/kit-settings.ts'
import { parseStackEnv } from '../../../scripts/settings/stack-env.ts'

const GIB = 2 ** 30
const ID = `sha256:${'a'.repeat(64)}`

export const EXAMPLE = `# Settings of the application.

# The role that reads and writes rows.
DATABASE_URL=postgresql://app:ecomweb-development-only@ecomweb-postgres:5432/ecomweb
# Connections of one process.
#DATABASE_POOL=5

REDIS_URL=redis://ecomweb-redis:6379
# Host and port, without a scheme.
TEMPORAL_ADDRESS=ecomweb-temporal:7233
# staging or production
ENVIRONMENT=production
DEBUG=
READY_MAX_ATTEMPTS=60
`

export const APP = {
  DATABASE_URL: 'postgresql://app:kept-secret@ecomweb-postgres:5432/ecomweb',
  REDIS_URL: 'redis://ecomweb-redis:6379',
  TEMPORAL_ADDRESS: 'ecomweb-temporal:7233',
  ENVIRONMENT: 'production',
  READY_MAX_ATTEMPTS: '60',
}

const PASSWORDS = {
  POSTGRES_PASSWORD: 'one',
  OWNER_DB_PASSWORD: 'two',
  APP_DB_PASSWORD: 'three',
  TEMPORAL_DB_PASSWORD: 'four',
}

const VARIABLES = {
  DATABASE_POOL: '5',
  APP_LONGEST_REQUEST_MS: '30000',
  APP_DRAIN_LIMIT_MS: '35000',
  APP_KEEP_ALIVE_MS: '75000',
  TEMPORAL_SHUTDOWN_GRACE_MS: '20000',
  TEMPORAL_SHUTDOWN_FORCE_MS: '30000',
}

const service = (name: string, role: string, given: Partial<Service> = {}): Service => ({
  name,
  image: ID,
  builds: false,
  replicas: 1,
  memoryLimit: GIB,
  stopGraceMs: 45_000,
  environment: { ECOMWEB_ROLE: role },
  ...given,
})

export const SERVICES: Service[] = [
  service('ecomweb_api_blue', 'api'),
  service('ecomweb_api_green', 'api'),
  service('ecomweb_cron', 'cron'),
  service('ecomweb_worker', 'worker'),
  service('ecomweb_worker_previous', 'worker', { replicas: 0 }),
  service('ecomweb_temporal', '', {
    environment: { SQL_MAX_CONNS: '8', SQL_VIS_MAX_CONNS: '4', POSTGRES_SEEDS: 'ecomweb-postgres' },
  }),
]

export const NOW = Date.parse('2026-11-22T12:00:00Z')

/** The facts of a stack that nothing is wrong with. */
const GOOD: FactValues = {
  engine: { version: '28.5.2', client: '28.2.2' },
  compose: '2.40.3-3',
  engineDisk: { path: '/var/lib/docker', free: 20 * GIB, inodes: 1_000_000 },
  projectDisk: { path: '/srv/shop', free: 20 * GIB, inodes: 1_000_000 },
  memory: { available: 4 * GIB, held: GIB },
  kitSettings: parseKitSettings(''),
  env: parseStackEnv({}),
  files: { env: PASSWORDS, app: APP, example: EXAMPLE },
  exported: [],
  hooks: [],
  modes: [
    { file: '.env', mode: 0o600 },
    { file: '.env.api', mode: 0o600 },
  ],
  services: SERVICES,
  candidate: {
    whereabouts: { reference: ID, where: 'here' },
    image: { reference: ID, id: ID, created: '', size: GIB, variables: VARIABLES },
    size: GIB,
    asked: false,
  },
  declared: VARIABLES,
  images: [{ reference: 'redis:8', where: 'here' }],
  contract: [{ id: 'user', title: 'does not run as root', verdict: 'ok', detail: 'uid 1000' }],
  edgeCheck: { accepted: true, output: '' },
  edgeConfiguration: 'defaults\n  timeout http-keep-alive 15s\n  timeout server 75s\n',
  processes: SERVICES.filter(({ environment }) => environment.ECOMWEB_ROLE).map(({ name }) => ({
    service: name,
    apps: [{ instances: name === 'ecomweb_cron' ? 1 : 2 }],
    killTimeoutMs: 40_000,
  })),
  database: { max: 200, reserved: 3, others: 0, aheadMs: 5 },
  clock: { now: NOW },
  ports: [
    { name: 'HTTP_PORT', port: 80, use: 'ours' },
    { name: 'API_BLUE_PORT', port: 3001, use: 'free' },
  ],
  lock: { held: false, owner: '' },
  journal: [],
  drift: { drift: [], edge: { value: { active: 'blue', weight: 0 } } },
}

type Missing = { [Name in keyof FactValues]?: Lack }

/** What all checks say of a good stack with these facts changed, or not to be had. */
export function outcomes(changed: Partial<FactValues> = {}, missing: Missing = {}): Outcome[] {
  const values = { ...GOOD, ...changed }
  const facts = Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const lack = missing[name as keyof FactValues]
      return [name, lack ? { missing: lack } : { value }]
    }),
  ) as Facts
  return judgeFacts(CHECKS, facts)
}

export const findings = (changed: Partial<FactValues> = {}, missing: Missing = {}): Finding[] =>
  outcomes(changed, missing).flatMap((outcome) => outcome.findings)

/** The good facts, to change a part of one. */
export const good = GOOD
