import { Router } from 'express'
import type { Readiness } from '../readiness.ts'
import type { Services } from './services.ts'

export type HealthParts = {
  readiness: Readiness
  services: Services
  /** Live and ready processes in this container, this one included. */
  readyWorkers: () => Promise<number>
  about: {
    environment: string
    version: string
    colour: string | undefined
    image: string | undefined
    worker: string | undefined
    workers: number
  }
}

/** /health: is it alive. /ready: may traffic be sent here. /api/health: how are the services it uses. */
export function healthRoutes({ readiness, services, readyWorkers, about }: HealthParts): Router {
  return Router()
    .get('/health', (_request, response) => {
      response.json({ status: 'ok' })
    })
    .get('/ready', async (_request, response) => {
      const workers = { ready: await readyWorkers(), expected: about.workers }
      const { ready, reason, migrations } = readiness
      const { colour, image, worker } = about
      response.status(ready ? 200 : 503).json({ ready, reason, colour, image, worker, workers, migrations })
    })
    .get('/api/health', async (_request, response) => {
      const states = await services.look()
      const healthy = Object.values(states).every((state) => state === 'up')
      response.set('Cache-Control', 'no-store').json({
        status: healthy ? 'healthy' : 'degraded',
        message: 'Server is running',
        environment: about.environment,
        timestamp: new Date().toISOString(),
        services: states,
        version: about.version,
      })
    })
}
