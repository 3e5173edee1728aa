import { createHmac } from 'node:crypto'
import { shortId } from '../docker/application-image.ts'
import type { HookFacts } from '../hooks/table.ts'
import { seconds } from '../output/progress.ts'
import { redact, redactedJson } from '../settings/secrets.ts'

/** What is told; `ms` is how long it took, going back included. Two events of one release never have the same `delivery`. */
export type Happening = Omit<HookFacts, 'token' | 'url'> & { event: 'started' | 'finished'; ms?: number }

/**
 * The body of the webhook: one flat object, secrets replaced. `sent_at` and `delivery` are inside of what is signed,
 * so that a body caught on its way cannot be used again later.
 */
export function webhookBody(stack: string, happening: Happening, now: Date): string {
  const { event, command, release, image, reference, from, to, by, result, reason, ms } = happening
  return redactedJson({
    version: 1,
    delivery: `${stack}.${release}.${event}`,
    sent_at: now.toISOString(),
    stack,
    event: `${command}.${event}`,
    ...{ release, image, reference, from, to, by, result, reason, ms },
  })
}

/**
 * The header `X-Ecomweb-Signature`. A receiver computes HMAC-SHA256 over the raw bytes of the body with the shared
 * secret, compares it with the hexadecimal digits after `sha256=` in constant time, refuses a `sent_at` more than
 * five minutes away from its own clock, and ignores a `delivery` that it has seen before: a retry has the same one.
 */
export const signature = (body: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

/** `{ text }`, as Slack and those compatible with it take it. */
export function slackBody(stack: string, happening: Happening): string {
  const { event, command, release, image, reference, from, to, by, result, reason, ms } = happening
  const what = `${shortId(image)}${reference ? ` (${reference})` : ''}, ${from} → ${to}`
  const ended = `${result ?? 'ended'}${ms === undefined ? '' : ` after ${seconds(ms)}`}`
  const text = [
    `*${stack}* ${command} ${release} ${event === 'started' ? 'started' : ended}: ${what}${by ? `, by ${by}` : ''}`,
    ...(reason ? [`> ${reason.split('\n')[0]}`] : []),
  ].join('\n')
  return JSON.stringify({ text: withoutMarkup(redact(text)) })
}

/** Slack reads these three as markup, except for `>` where a line begins with it. */
const withoutMarkup = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/(?<!^)>/gm, '&gt;')
