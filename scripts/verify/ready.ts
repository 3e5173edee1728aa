import { shortId } from '../docker/application-image.ts'
import { type Colour, other } from '../stack/colours.ts'
import { parseReady } from '../stack/probe.ts'

export type Answer = { status: number; body: string }

/** `migrations`: it waits for migrations that only a deploy applies. Otherwise what is missing, in words. */
export type Readiness = 'ready' | 'migrations' | { missing: string }

/** Judges one answer to `GET /ready` as the gate of a deploy would; pure. */
export function judgeReady(answer: Answer | undefined, image: string, active: Colour): Readiness {
  if (!answer) return { missing: 'no answer' }
  const said = parseReady(answer.body)
  if (!said) return { missing: `${answer.status}, and no JSON with "ready" in it` }
  const { expected = 0, applied = 0 } = said.migrations ?? {}
  if (!said.ready && expected > applied) return 'migrations'
  if (!said.ready || answer.status !== 200) return { missing: said.reason ?? `it answers ${answer.status}` }
  if (said.colour !== other(active))
    return { missing: `"colour" is ${said.colour}, but ECOMWEB_COLOUR is ${other(active)}` }
  if (said.image !== image)
    return {
      missing: `"image" is ${said.image && shortId(said.image)}, but ECOMWEB_IMAGE is ${shortId(image)}`,
    }
  const { ready = 0, expected: workers = 1 } = said.workers ?? {}
  return ready >= workers ? 'ready' : { missing: `${ready} of ${workers} processes are ready` }
}
