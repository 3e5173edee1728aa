import { createHash } from 'node:crypto'

/** JSON that is ready to send; the entity tag names its bytes. */
export type Answer = { etag: string; body: Buffer }

export function toAnswer(value: unknown): Answer {
  const body = Buffer.from(JSON.stringify(value))
  return { etag: `"${createHash('sha1').update(body).digest('base64url')}"`, body }
}
