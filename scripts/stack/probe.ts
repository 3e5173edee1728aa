import { z } from 'zod'
import type { Answer, HttpOptions, Ports } from '../ports.ts'
import type { Colour } from './colours.ts'

/** What an application container says of itself on `GET /ready` (the image contract). */
const Ready = z.object({
  ready: z.boolean(),
  reason: z.string().optional(),
  colour: z.string().optional(),
  image: z.string().optional(),
  workers: z.object({ ready: z.number(), expected: z.number() }).optional(),
  migrations: z.object({ expected: z.number(), applied: z.number() }).optional(),
})
export type Ready = z.infer<typeof Ready>

const Health = z.object({ services: z.object({ reports: z.enum(['up', 'down']).optional() }) })

/** What `/api/health` says of the reports backend; undefined when the image has none. */
export function reportsOf(body: string): 'up' | 'down' | undefined {
  try {
    return Health.parse(JSON.parse(body)).services.reports
  } catch {
    return undefined
  }
}

export const PREVIEW_TOKEN = 'haproxy/state/preview.token'

/** Asks a colour through the edge, before or after users reach it; the token opens the preview. */
export async function preview(
  { disk, http }: Pick<Ports, 'disk' | 'http'>,
  httpPort: number,
  colour: Colour,
  path: string,
  options: HttpOptions = {},
): Promise<Answer> {
  const token = ((await disk.read(PREVIEW_TOKEN)) ?? '').trim()
  const headers = { 'X-Ecomweb-Preview': token, 'X-Ecomweb-Colour': colour, ...options.headers }
  return http.request(httpPort, path, { ...options, headers })
}

/** Parses the body of `/ready`; undefined when it is not what the contract says. */
export function parseReady(body: string): Ready | undefined {
  try {
    return Ready.parse(JSON.parse(body))
  } catch {
    return undefined
  }
}
