import fc, { type Arbitrary } from 'fast-check'
import { hostileHeader, hostileQuery, hostileSegment, hostileText, hostileValue } from './hostile.ts'
import type { Parts } from './requests.ts'

/** Something that is done to a good request. `astray`: it may then be one of another operation. */
export type Change = { astray: boolean; apply: (parts: Parts) => Parts }

/** Does a change; what a request does not have cannot be changed. */
export const change = (parts: Parts, { apply }: Change): Parts => apply(parts)

const here = (apply: Change['apply']): Change => ({ astray: false, apply })

const absent = Symbol('absent')

const inPath = hostileSegment.map(
  (segment): Change => ({
    astray: true,
    apply: (parts) => ({
      ...parts,
      path: Object.fromEntries(Object.keys(parts.path).map((name) => [name, segment])),
    }),
  }),
)

const inQuery = fc.tuple(hostileQuery, fc.boolean()).map(([added, alone]) =>
  here((parts) => ({
    ...parts,
    query: alone || parts.query === '' ? added : `${parts.query}&${added}`,
  })),
)

const inHeaders = hostileHeader.map(([name, value]) =>
  here((parts) => {
    const others = Object.entries(parts.headers).filter(([known]) => known.toLowerCase() !== name)
    return { ...parts, headers: { ...Object.fromEntries(others), [name]: value } }
  }),
)

const withoutHeader = fc.nat(5).map((index) =>
  here((parts) => {
    const { [Object.keys(parts.headers)[index] ?? '']: _, ...headers } = parts.headers
    return { ...parts, headers }
  }),
)

const inBody = fc.tuple(fc.nat(20), fc.option(hostileValue, { nil: absent })).map(([index, value]) =>
  here((parts) => {
    if (!parts.body || !('json' in parts.body)) return parts
    const json = structuredClone(parts.body.json)
    const places = placesOf(json)
    const place = places[index % places.length]
    if (!place) return parts
    if (value === absent) Reflect.deleteProperty(place.holder, place.key)
    else place.holder[place.key] = value
    return { ...parts, body: { json } }
  }),
)

const wholeBody = hostileText.map((rewrite) =>
  here((parts) => {
    const text = parts.body && 'json' in parts.body ? JSON.stringify(parts.body.json) : '{}'
    // On a request that should have none, too.
    const headers = { 'content-type': 'application/json', ...parts.headers }
    return { ...parts, headers, body: { raw: rewrite(text) } }
  }),
)

const otherMethod = fc
  .constantFrom('PATCH', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND')
  .map((method): Change => ({ astray: true, apply: (parts) => ({ ...parts, method }) }))

export const changes: Arbitrary<Change> = fc.oneof(
  { weight: 2, arbitrary: inPath },
  { weight: 3, arbitrary: inQuery },
  { weight: 3, arbitrary: inHeaders },
  { weight: 1, arbitrary: withoutHeader },
  { weight: 5, arbitrary: inBody },
  { weight: 2, arbitrary: wholeBody },
  { weight: 1, arbitrary: otherMethod },
)

type Place = { holder: Record<string, unknown>; key: string }

/** Every field and element within a value. */
function placesOf(value: unknown): Place[] {
  if (!(value instanceof Object)) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])])
}
