import type { Answer, HttpOptions } from '../../scripts/ports.ts'
import { isColour } from '../../scripts/stack/colours.ts'
import { PREVIEW_TOKEN } from '../../scripts/stack/probe.ts'
import type { SimulatedContainer } from './containers.ts'
import type { Host } from './host.ts'

export const PORTS = { edge: 8080, blue: 13001, green: 13002 }

/** What answers on this host's ports. Errors: nobody listens there. */
export function answer(host: Host, port: number, path: string, { headers = {} }: HttpOptions = {}): Answer {
  if (port === PORTS.edge) return throughEdge(host, path, headers)
  const container = host.containers.api(port === PORTS.blue ? 'blue' : 'green')
  if (container?.status !== 'running') throw new Error('connect ECONNREFUSED')
  return fromColour(host, container, path)
}

function throughEdge(host: Host, path: string, headers: Record<string, string>): Answer {
  if (!host.edge.running) throw new Error('connect ECONNREFUSED')
  const previewed = headers['X-Ecomweb-Preview'] === host.disk.read(PREVIEW_TOKEN)?.trim()
  const asked = headers['X-Ecomweb-Colour']
  if (!previewed && path === '/ready') return json(404, { error: 'Not found' })
  const colour = previewed && isColour(asked) ? asked : host.edge.routed()[0]
  const container = colour && host.containers.api(colour)
  const up = colour !== undefined && host.edge.servers[colour].status.startsWith('UP')
  if (!up || !container || (container.status !== 'running' && container.status !== 'stopping')) {
    return json(503, { error: 'Service unavailable' })
  }
  const said = fromColour(host, container, path)
  return { ...said, headers: { ...said.headers, 'x-served-by': colour } }
}

/** The image contract: `/ready` says what is missing; the other paths answer once it is ready. */
function fromColour(host: Host, container: SimulatedContainer, path: string): Answer {
  const { image, ready, service } = container
  if (path !== '/ready') return json(ready ? 200 : 503, {})
  const lacks = host.database.lacks(image).length
  return json(ready ? 200 : 503, {
    ready,
    ...(ready ? {} : { reason: lacks > 0 ? `${lacks} migrations are missing` : 'starting' }),
    colour: service.endsWith('blue') ? 'blue' : 'green',
    image: container.reference,
    worker: '0',
    workers: { ready: ready ? 2 : 0, expected: 2 },
    migrations: { expected: image.migrations.length, applied: image.migrations.length - lacks },
  })
}

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
})
