import { z } from 'zod'
import type { HttpOptions } from '../ports.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const LINE = new RegExp(`^(${METHODS.join('|')}) (/\\S*)$`)

type Line = { method: string; path: string }

const line = (example: string) =>
  z.string().transform((text, context): Line => {
    const [, method, path] = LINE.exec(text.trim()) ?? []
    if (method !== undefined && path !== undefined) return { method, path }
    context.addIssue({ code: 'custom', message: `must be a method and a path such as "${example}"` })
    return z.NEVER
  })

const Detailed = z.strictObject({
  method: z.enum(METHODS).default('GET'),
  path: z.string().regex(/^\/\S*$/, 'must be a path that begins with /'),
  headers: z.record(z.string(), z.string()).default({}),
  /** A string is sent as it is, anything else as JSON. */
  body: z.unknown().optional(),
  expect: z.int().min(100).max(599).optional(),
  undo: line('POST /api/orders/{order.id}/cancel').optional(),
})

/** One entry of `x-ecomweb.probes.requests`: a line such as `GET /api/products`, or an object. */
export const ProbeRequest = z
  .union([line('GET /api/products'), Detailed], { error: 'must be "GET /path", or {method, path, …}' })
  .transform((request): Probe => {
    if (!('headers' in request)) return { ...request, headers: {} }
    const { method, path, headers, body, expect, undo } = request
    return {
      ...{ method, path, headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(body === undefined || typeof body === 'string' ? {} : { json: true }),
      ...(expect === undefined ? {} : { expect }),
      ...(undo ? { undo } : {}),
    }
  })

/** A request that the kit sends to a colour to see how it answers. `{uuid}` in headers, path and body is new each time. */
export type Probe = {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
  json?: boolean
  /** The status that is right; without it, any below 500. */
  expect?: number
  /** Takes back what the probe did; `{order.id}` comes from the probe's JSON answer. */
  undo?: { method: string; path: string }
}

/** The request as it is sent. A POST carries an Idempotency-Key of its own, so that no retry can double it. */
export function probeRequest(probe: Probe, id: string): { path: string; options: HttpOptions } {
  const fill = (text: string): string => text.replaceAll('{uuid}', id)
  const given = Object.entries(probe.headers).map(([name, value]) => [name.toLowerCase(), fill(value)])
  const headers: Record<string, string> = {
    ...(probe.json ? { 'content-type': 'application/json' } : {}),
    ...(probe.method === 'POST' ? { 'idempotency-key': `probe-${id}` } : {}),
    ...Object.fromEntries(given),
  }
  const body = probe.body === undefined ? {} : { body: fill(probe.body) }
  return { path: fill(probe.path), options: { method: probe.method, headers, ...body } }
}

/** The probe that takes another one back; undefined when the answer lacks what its path needs. */
export function undoProbe({ undo, headers }: Probe, answer: string): Probe | undefined {
  if (!undo) return undefined
  let json: unknown
  try {
    json = JSON.parse(answer)
  } catch {
    return undefined
  }
  let complete = true
  const path = undo.path.replace(/\{([\w.]+)\}/g, (whole, name: string) => {
    if (name === 'uuid') return whole
    const value = name.split('.').reduce(member, json)
    if (typeof value !== 'string' && typeof value !== 'number') complete = false
    return encodeURIComponent(String(value))
  })
  return complete ? { method: undo.method, path, headers } : undefined
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

export const isExpected = ({ expect }: Probe, status: number): boolean =>
  expect === undefined ? status < 500 : status === expect
