import type { Clock } from '../ports.ts'
import type { StackEnv } from '../settings/stack-env.ts'
import { type Happening, signature, slackBody, webhookBody } from './message.ts'
import type { Post } from './post.ts'

export type NotifyEnv = Pick<
  StackEnv,
  'ECOMWEB_NAME' | 'NOTIFY_WEBHOOK_URL' | 'NOTIFY_WEBHOOK_SECRET' | 'NOTIFY_SLACK_URL'
>

type Message = { name: string; url: string; body: string; headers: Record<string, string> }

/** Two tries and the pause between them stay below 5 s. */
const TRY_MS = 2200
const PAUSE_MS = 500

/**
 * Tells whoever `.env` names of the begin or end of what moves traffic or the schema. Never fails, and takes at most 5 s:
 * what could not be delivered comes back as notes to print.
 */
export async function notify(
  { post, clock }: { post: Post; clock: Pick<Clock, 'date' | 'sleep'> },
  env: NotifyEnv,
  happening: Happening,
): Promise<string[]> {
  const failures = await Promise.all(
    messages(env, happening, clock.date()).map(async ({ name, url, body, headers }) => {
      const send = () => attempt(() => post(url, body, headers, TRY_MS))
      let failed = await send()
      if (failed?.again) {
        await clock.sleep(PAUSE_MS)
        failed = await send()
      }
      return failed ? [`${name} was not told: ${failed.why}`] : []
    }),
  )
  return failures.flat()
}

function messages(env: NotifyEnv, happening: Happening, now: Date): Message[] {
  const { ECOMWEB_NAME, NOTIFY_WEBHOOK_URL, NOTIFY_WEBHOOK_SECRET, NOTIFY_SLACK_URL } = env
  const all: Message[] = []
  if (NOTIFY_WEBHOOK_URL && NOTIFY_WEBHOOK_SECRET) {
    const body = webhookBody(ECOMWEB_NAME, happening, now)
    const headers = { 'X-Ecomweb-Signature': signature(body, NOTIFY_WEBHOOK_SECRET) }
    all.push({ name: 'the webhook', url: NOTIFY_WEBHOOK_URL, body, headers })
  }
  if (NOTIFY_SLACK_URL) {
    all.push({ name: 'Slack', url: NOTIFY_SLACK_URL, body: slackBody(ECOMWEB_NAME, happening), headers: {} })
  }
  return all
}

/** Undefined when it was taken; else why not, and whether the same may be taken a moment later. */
async function attempt(send: () => Promise<number>): Promise<{ why: string; again: boolean } | undefined> {
  try {
    const status = await send()
    if (status >= 200 && status < 300) return undefined
    return { why: `it answered ${status}`, again: status >= 500 || status === 429 }
  } catch (error) {
    return { why: (error as Error).message, again: true }
  }
}
