import { WORKER } from '../../workers/services.ts'
import { check, stop, warn } from '../check.ts'
import { duringDeploy } from '../during-deploy.ts'
import type { Processes, Service } from '../facts.ts'

/** What a process opens when nobody says: the image's default when it declares none. */
const POOL = 5
/** The migration, the readiness probe of each start-up script, and this kit's own looks. */
const SPARE = 6
/** Frontend, history, matching and worker: each of Temporal's services has pools of its own. */
const TEMPORAL_SERVICES = 4

export type Need = { who: string; connections: number }

/**
 * The most connections that a deploy can come to, by who opens them: pool × processes × containers, with both
 * colours full, the previous workers still beside the new ones, and Temporal's pools where it uses this server.
 */
export function connectionsNeeded(
  services: Service[],
  processes: Processes[],
  declared: Record<string, string>,
  databaseHost: string,
): Need[] {
  const most = duringDeploy(services)
  const own = processes.flatMap(({ service, apps }) => {
    const found = most.find(({ name }) => name === service)
    if (!found) return []
    const pool = Number(found.environment.DATABASE_POOL || declared.DATABASE_POOL || POOL)
    const each = apps.reduce((sum, app) => sum + (app.pool ?? pool) * app.instances, 0)
    return [{ who: service.replace('ecomweb_', ''), connections: each * found.replicas }]
  })
  const temporal = services.find(
    ({ environment, replicas }) =>
      environment.SQL_MAX_CONNS && replicas > 0 && environment.POSTGRES_SEEDS === databaseHost,
  )
  if (!temporal) return [...own, { who: 'migration', connections: SPARE }]
  const { SQL_MAX_CONNS = '20', SQL_VIS_MAX_CONNS = '10' } = temporal.environment
  const pools = TEMPORAL_SERVICES * (Number(SQL_MAX_CONNS) + Number(SQL_VIS_MAX_CONNS))
  return [...own, { who: 'temporal', connections: pools }, { who: 'migration', connections: SPARE }]
}

const total = (needs: Need[]): number => needs.reduce((sum, { connections }) => sum + connections, 0)

const withWorkers = (services: Service[], most: number): Service[] =>
  services.map((one) => (one.name === WORKER ? { ...one, replicas: Math.max(one.replicas, most) } : one))

export const connectionsCheck = check({
  id: 'connections',
  title: 'Database connections of two colours and workers',
  needs: ['files', 'kitSettings', 'services', 'processes', 'declared', 'database'],
  look({ files, kitSettings, services, processes, declared, database }) {
    const url = files.app.DATABASE_URL ?? ''
    const host = URL.canParse(url) ? new URL(url).hostname : ''
    const needs = connectionsNeeded(services, processes, declared, host)
    const needed = total(needs)
    const granted = database.max - database.reserved - database.others
    const sum = needs
      .filter(({ connections }) => connections > 0)
      .map(({ who, connections }) => `${who} ${connections}`)
      .join(' + ')
    const { max } = kitSettings.autoscale
    const scaled = total(connectionsNeeded(withWorkers(services, max), processes, declared, host))
    if (scaled <= granted) return `at most ${needed} of ${granted} (${sum})`
    if (needed <= granted) {
      return [
        warn(
          `with ${max} workers, to which \`autoscale\` may go, a deploy may open ${scaled} connections, PostgreSQL grants ${granted}`,
          'the workers that find none left start again and again, and requests fail with "too many clients"',
          'lower x-ecomweb.autoscale.max or raise max_connections of ecomweb_postgres in docker-compose.yml',
        ),
      ]
    }
    const others = database.others > 0 ? ` - ${database.others} of others` : ''
    return [
      stop(
        `a deploy may open ${needed} connections (${sum}), PostgreSQL grants ${granted}`,
        `max_connections ${database.max} - ${database.reserved} reserved${others}: under load requests fail with "too many clients"`,
        'lower DATABASE_POOL in .env.api or WEB_CONCURRENCY in .env, or raise max_connections of ecomweb_postgres in docker-compose.yml',
      ),
    ]
  },
})
