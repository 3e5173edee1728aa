import { randomUUID } from 'node:crypto'
import { type Probe, probeRequest } from '../analysis/probes.ts'
import { KitError } from '../errors.ts'
import type { Answer, Ports } from '../ports.ts'
import { keepSecret } from '../settings/secrets.ts'
import { apiService, type Colour } from '../stack/colours.ts'
import { type HookOutcome, type HookSettings, runHook } from './run.ts'
import type { HookFacts } from './table.ts'

export type SmokeSettings = HookSettings & { smoke: Probe[] }

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
  for (const probe of settings.smoke) {
    const name = `${probe.method} ${probe.path}`
    const { path, options } = probeRequest(probe, randomUUID())
    const headers = {
      ...options.headers,
      'X-Ecomweb-Preview': token,
      'X-Ecomweb-Colour': facts.to,
      'X-Ecomweb-Probe': '1',
    }
    detail(name)
    const answer = await ports.http
      .request(httpPort, path, { ...options, headers, timeoutMs: ANSWER_MS })
      .catch((error: Error) => {
        throw smokeFailure(`${name} got no answer`, error.message, facts.to)
      })
    const failing = judge(answer, facts.to, probe.expect)
    if (failing) {
      throw smokeFailure(`${name} answered ${failing}`, beginning(answer.body), facts.to)
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
