import { PREVIOUS, WORKER } from '../workers/services.ts'
import type { Service } from './facts.ts'

/** The services at their most: a deploy keeps as many workers of the version before beside the new ones. */
export function duringDeploy(services: Service[]): Service[] {
  const workers = services.find(({ name }) => name === WORKER)?.replicas ?? 0
  return services.map((service) =>
    service.name === PREVIOUS ? { ...service, replicas: Math.max(service.replicas, workers) } : service,
  )
}
