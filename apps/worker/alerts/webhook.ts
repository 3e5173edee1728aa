import type { HttpClient } from '../http/client.ts'
import { SIGNATURE, signature } from '../signature.ts'
import type { AlertChange } from './book.ts'

/** The body that a receiver of alerts gets. The same change has the same `delivery` for every attempt. */
export function alertBody(stack: string, change: AlertChange, now: Date): string {
  const { alert, state, value, raiseAt, text, since } = change
  return JSON.stringify({
    version: 1,
    delivery: `alert.${alert}.${state}.${since.getTime()}`,
    sent_at: now.toISOString(),
    event: `alert.${state}`,
    stack,
    alert: {
      name: alert,
      state,
      value,
      limit: raiseAt,
      text: `${value} ${text}`,
      since: since.toISOString(),
    },
  })
}

/** Tells a receiver of a change of an alert; rejects for every answer but 2xx. */
export const tellByWebhook =
  (http: HttpClient, receiver: { url: string; secret: string }, stack: string) =>
  async (change: AlertChange, now: Date): Promise<void> => {
    const body = alertBody(stack, change, now)
    const headers = {
      'Content-Type': 'application/json',
      'Idempotency-Key': JSON.parse(body).delivery as string,
      [SIGNATURE]: signature(body, receiver.secret),
    }
    const { status } = await http.request({ method: 'POST', url: receiver.url, body, headers })
    if (status < 200 || status >= 300) throw new Error(`the receiver of alerts answered ${status}`)
  }
