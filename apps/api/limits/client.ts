import { createHash, timingSafeEqual } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Request } from 'express'
import { principalOf } from '../auth/principal.ts'

/** Whether a request is none that limits are for. */
export type Exempt = (request: Request) => boolean

/**
 * Exempt are the kit's probes, whose header the edge takes away from anybody else, and holders of the token in
 * RATE_LIMIT_EXEMPT_TOKEN, so that a load test measures the shop and not its limits.
 */
export function exemptions(token: string | undefined): Exempt {
  const wanted = token === undefined ? undefined : digest(token)
  return (request) => {
    if (request.get('x-ecomweb-probe') === '1') return true
    const given = request.get('x-ecomweb-exempt')
    // Of digests, since a comparison in constant time needs equal lengths.
    return wanted !== undefined && given !== undefined && timingSafeEqual(digest(given), wanted)
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Who is counted: the user wherever they are, else the address. */
export const clientOf = (request: Request): string => {
  const principal = principalOf(request)
  return principal ? `user:${principal.id}` : addressOf(request)
}

/** The address that a request is counted under. */
export const addressOf = (request: Request): string => network(request.ip ?? 'unknown')

/** An IPv6 customer has at least a whole /64 to send from, so that is what counts; of IPv4 it is the address. */
export function network(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length)
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...after]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
