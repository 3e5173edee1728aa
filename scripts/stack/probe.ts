import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'
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

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }

/** One GET on loopback over a fresh connection. Errors: refused, or no whole answer within `timeoutMs`. */
export function get(
  port: number,
  path: string,
  options: { headers?: Record<string, string>; timeoutMs?: number } = {},
): Promise<Answer> {
  const { headers = {}, timeoutMs = 3000 } = options
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port, path, headers, agent: false, timeout: timeoutMs },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (text: string) => {
          body += text
        })
        response.once('error', reject)
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        )
      },
    )
    call.once('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    call.once('error', reject)
    call.end()
  })
}

/** Asks a colour through the edge, before or after users reach it; the token opens the preview. */
export function previewReady(root: string, httpPort: number, colour: Colour): Promise<Answer> {
  const token = readFileSync(join(root, 'haproxy/state/preview.token'), 'utf8').trim()
  return get(httpPort, '/ready', { headers: { 'X-Ecomweb-Preview': token, 'X-Ecomweb-Colour': colour } })
}

/** Parses the body of `/ready`; undefined when it is not what the contract says. */
export function parseReady(body: string): Ready | undefined {
  try {
    return Ready.parse(JSON.parse(body))
  } catch {
    return undefined
  }
}
