import { KitError } from '../errors.ts'
import type { Answer, Ports } from '../ports.ts'
import { keepSecret } from '../settings/secrets.ts'
import { apiService, type Colour } from '../stack/colours.ts'
import { type HookOutcome, type HookSettings, runHook } from './run.ts'
import type { HookFacts } from './table.ts'

/** One smoke request: `/path`, `GET /path`, or with more said. `expect` is a status; 200 to 399 by default. */
export type SmokeRequest =
  | string
  | { method?: string; path: string; body?: unknown; headers?: Record<string, string>; expect?: number }

export type SmokeSettings = HookSettings & { smoke: SmokeRequest[] }

/** A first request may fill caches; later ones are judged by the canary's analysis. */
const ANSWER_MS = 10_000

/**
 * The gate before any user sees a release: every request of `smoke:` and then the `smoke` hook, sent to the idle
 * colour through the edge as users' requests will be. They count as probes. Errors: the first that did not pass.
 */
export async function smokeGate(
  ports: Pick<Ports, 'disk' | 'http' | 'runner'>,
  facts: HookFacts,
  settings: SmokeSettings,
  httpPort: number,
  detail: (text: string) => void = () => {},
): Promise<HookOutcome> {
  const token = await previewToken(ports)
  for (const request of settings.smoke) {
    const { method, path, expect, ...rest } = parseRequest(request)
    const headers = {
      ...rest.headers,
      'X-Ecomweb-Preview': token,
      'X-Ecomweb-Colour': facts.to,
      'X-Ecomweb-Probe': '1',
    }
    detail(`${method} ${path}`)
    const answer = await ports.http
      .request(httpPort, path, {
        method,
        headers,
        timeoutMs: ANSWER_MS,
        ...(rest.body ? { body: rest.body } : {}),
      })
      .catch((error: Error) => {
        throw smokeFailure(`${method} ${path} got no answer`, error.message, facts.to)
      })
    const failing = judge(answer, facts.to, expect)
    if (failing) {
      throw smokeFailure(`${method} ${path} answered ${failing}`, beginning(answer.body), facts.to)
    }
  }
  return runHook(ports, 'smoke', { ...facts, token }, settings, detail)
}

/** The secret that opens the preview; HAProxy's container makes it at its first start. */
export async function previewToken({ disk }: Pick<Ports, 'disk'>): Promise<string> {
  const token = (await disk.read('haproxy/state/preview.token'))?.trim()
  if (!token) {
    throw new KitError('there is no preview token, so nothing can be tested before users see it', {
      why: 'haproxy/state/preview.token is missing or empty',
      next: './ecomweb up',
    })
  }
  keepSecret(token)
  return token
}

/** The words of one entry under `smoke:`, ready to send. Errors: not a method and a path. */
export function parseRequest(request: SmokeRequest) {
  const { body, headers, expect, ...line } = typeof request === 'string' ? inWords(request) : request
  const { method = 'GET', path } = line
  if (!/^[A-Z]+$/.test(method) || !path.startsWith('/')) {
    throw new KitError(`${JSON.stringify(request)} under smoke is no request`, {
      why: 'it should be like "GET /api/products" or { method, path, body, headers, expect }',
      next: 'edit x-ecomweb in docker-compose.yml, then run the command again',
    })
  }
  const json = body !== undefined && typeof body !== 'string'
  return {
    method,
    path,
    expect,
    body: json ? JSON.stringify(body) : (body as string | undefined),
    headers: { ...(json ? { 'Content-Type': 'application/json' } : {}), ...headers },
  }
}

const inWords = (text: string): Exclude<SmokeRequest, string> => {
  const words = text.trim().split(/\s+/)
  return words.length === 1 ? { path: words[0] ?? '' } : { method: words[0], path: words.slice(1).join(' ') }
}

/** What is wrong with an answer; undefined when it passes. */
function judge({ status, headers }: Answer, colour: Colour, expect?: number): string | undefined {
  const by = headers['x-served-by']
  const passes = expect === undefined ? status >= 200 && status < 400 : status === expect
  if (!passes) return `${status}${expect === undefined ? '' : ` instead of ${expect}`}`
  return by === colour ? undefined : `${status}, but from ${by ?? 'no colour'}`
}

/** The first bytes of a body, on one line. */
const beginning = (body: string): string =>
  body.replace(/\s+/g, ' ').trim().slice(0, 200) || 'its body is empty'

const smokeFailure = (what: string, why: string, colour: Colour): KitError =>
  new KitError(`the smoke test of ${colour} failed: ${what}`, {
    why,
    next: `./ecomweb logs ${apiService(colour)}`,
  })
