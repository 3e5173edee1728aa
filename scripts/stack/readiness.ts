import { shortId } from '../docker/application-image.ts'
import { type ColourStats, isServing, readStats } from '../haproxy/stats.ts'
import type { Answer, Ports } from '../ports.ts'
import type { StackEnv } from '../settings/stack-env.ts'
import type { Colour } from './colours.ts'
import { parseReady, preview } from './probe.ts'

/** Ready, or the first thing that is still missing, in words. */
export type Verdict = { ready: true } | { ready: false; missing: string }

/**
 * The gate before any traffic: HAProxy has seen it pass (UP and L7OK), a request through the edge is answered
 * by that colour, from that image, with every PM2 worker ready. A port that answers is not enough.
 */
export function judge(colour: Colour, image: string, stats: ColourStats, answer: Answer): Verdict {
  const missing = (text: string): Verdict => ({ ready: false, missing: text })
  const said = parseReady(answer.body)
  if (said?.reason && !said.ready) return missing(said.reason)
  if (!isServing(stats)) return missing(`HAProxy sees it ${stats.status} (${stats.check || 'no check yet'})`)
  if (answer.status !== 200) return missing(`GET /ready answers ${answer.status}`)
  if (answer.headers['x-served-by'] !== colour)
    return missing(`${answer.headers['x-served-by']} answered instead`)
  if (!said) return missing('GET /ready does not answer as the image contract says')
  if (said.colour !== colour) return missing(`the container says it is ${said.colour}`)
  if (said.image !== image)
    return missing(`it runs ${shortId(said.image ?? 'an unknown image')}, not ${shortId(image)}`)
  const { ready = 0, expected = 1 } = said.workers ?? {}
  if (ready < expected) return missing(`${ready} of ${expected} PM2 workers are ready`)
  return { ready: true }
}

/** Looks once. */
export async function checkReady(
  ports: Pick<Ports, 'disk' | 'http' | 'edge'>,
  env: PublishedPorts,
  colour: Colour,
  image: string,
): Promise<Verdict> {
  try {
    // In this order: a preview may hang while the container starts, and statistics from before it are of the past.
    const answer = await preview(ports, env.HTTP_PORT, colour, '/ready')
    const stats = (await readStats(ports))[colour]
    const verdict = judge(colour, image, stats, answer)
    if (verdict.ready || answer.headers['x-served-by'] !== undefined) return verdict
    return { ready: false, missing: (await ownReason(ports, env, colour)) ?? verdict.missing }
  } catch (error) {
    return { ready: false, missing: (error as Error).message }
  }
}

type PublishedPorts = Pick<StackEnv, 'HTTP_PORT' | 'API_BLUE_PORT' | 'API_GREEN_PORT'>

/** What a colour says for itself on its own port, when HAProxy does not let anybody through to it. */
async function ownReason(
  { http }: Pick<Ports, 'http'>,
  env: PublishedPorts,
  colour: Colour,
): Promise<string | undefined> {
  const port = colour === 'blue' ? env.API_BLUE_PORT : env.API_GREEN_PORT
  const answer = await http.request(port, '/ready').catch(() => undefined)
  return answer && parseReady(answer.body)?.reason
}
