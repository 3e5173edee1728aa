import { createHmac } from 'node:crypto'

/**
 * The header by which a receiver knows that a body is the shop's. It computes HMAC-SHA256 over the raw bytes of the body
 * with the shared secret, compares it with the hexadecimal digits after `sha256=` in constant time, refuses a `sent_at`
 * more than five minutes away from its own clock, and ignores a `delivery` that it has seen before.
 */
export const SIGNATURE = 'X-Ecomweb-Signature'

export const signature = (body: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
