import fc, { type Arbitrary } from 'fast-check'
import type { Operation } from '../../../apps/api/openapi/operation.ts'
import { type Change, change, changes } from './changes.ts'
import type { Sent } from './exchange.ts'
import { type JsonSchema, valuesOf } from './from-schema.ts'
import { PNG } from './settle.ts'
import { type Actor, aPassword, type World } from './world.ts'

/** An operation as the document has it. */
export type Described = {
  parameters?: { in: 'path' | 'query' | 'header'; name: string; required?: boolean; schema: JsonSchema }[]
  requestBody?: { required?: boolean; content: Record<string, { schema?: JsonSchema }> }
}

/** The parts of a request before they are put on the wire. */
export type Parts = {
  method: string
  /** Segments of the path, percent-encoded. */
  path: Record<string, string>
  query: string
  headers: Record<string, string>
  /** A value is sent as JSON; text and bytes as they are. */
  body: { json: unknown } | { raw: string | Buffer } | undefined
}

export type Case = {
  actor: Actor
  /** Nothing is wrong with the request itself, so whatever is refused is refused for another reason. */
  valid: boolean
  /** It may have become a request of another operation. */
  astray: boolean
  sent: Sent
}

/** Requests of an operation as guest, user and administrator: half of them by the document, half with mistakes. */
export function requestsOf(operation: Operation, described: Described, world: World): Arbitrary<Case> {
  const actors: Arbitrary<Actor> = fc.constantFrom('guest', 'user', 'admin')
  return actors.chain((actor) => {
    const parts = partsOf(operation, described, world, actor)
    const toCase = (made: Parts, applied: Change[] = []): Case => ({
      actor,
      valid: applied.length === 0,
      astray: applied.some(({ astray }) => astray),
      sent: toSent(operation, made, world.headers[actor]),
    })
    const broken = fc
      .tuple(parts, fc.array(changes, { minLength: 1, maxLength: 3 }))
      .map(([made, applied]) => toCase(applied.reduce(change, made), applied))
    return fc.oneof(
      parts.map((made) => toCase(made)),
      broken,
    )
  })
}

function partsOf(operation: Operation, described: Described, world: World, actor: Actor): Arbitrary<Parts> {
  const known = knownValues(operation, world)
  const group = (place: 'path' | 'query' | 'header') => {
    const found = (described.parameters ?? []).filter((parameter) => parameter.in === place)
    const values = found.map(({ name, schema }) => {
      const any = place === 'header' && !schema.pattern && !('const' in schema) ? ascii : valuesOf(schema)
      const choice = known[name]
      return [name, choice ? fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...choice) }, any) : any]
    })
    return fc.record(Object.fromEntries(values) as Record<string, Arbitrary<unknown>>, {
      requiredKeys: found.filter(({ required }) => required).map(({ name }) => name),
      noNullPrototype: true,
    })
  }
  const query = group('query').filter((given) => operation.query?.safeParse(texts(given)).success ?? true)
  const { method } = operation
  return fc
    .record({
      path: group('path'),
      query,
      headers: group('header'),
      body: bodyOf(operation, described, world, actor),
    })
    .map(({ path, query, headers, body: { type, ...body } }) => ({
      method: method.toUpperCase(),
      path: Object.fromEntries(
        Object.entries(path).map(([name, value]) => [name, encodeURIComponent(String(value).toWellFormed())]),
      ),
      query: new URLSearchParams(texts(query)).toString(),
      headers: { ...(texts(headers) as Record<string, string>), ...(type && { 'content-type': type }) },
      body: body.body,
    }))
}

const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 60 })

const texts = (values: object): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value).toWellFormed()]))

/** What exists, by the name of the parameter that can name it. */
function knownValues({ id, tag }: Operation, world: World): Record<string, (string | number)[]> {
  const ids: Record<string, (string | number)[]> = {
    orders: world.orders,
    products: world.products,
    uploads: world.uploads,
    administration: world.users,
  }
  const own: Record<string, (string | number)[]> = {
    archiveProduct: world.doomed,
    refundOrder: world.completed,
    getProductImport: world.imports,
  }
  const found = own[id] ?? ids[tag]
  return { ...(found && { id: found }), 'Idempotency-Key': world.keys, 'If-Match': [...world.etags, '*'] }
}

type Body = { type?: string; body: Parts['body'] }

function bodyOf(operation: Operation, described: Described, world: World, actor: Actor): Arbitrary<Body> {
  const { requestBody } = described
  if (!requestBody) return fc.constant({ body: undefined })
  const bodies = Object.entries(requestBody.content).map(([type, { schema }]): Arbitrary<Body> => {
    if (!schema) return fc.constant({ type, body: { raw: PNG } })
    const values = valuesOf(schema)
      .map((value) => adapted(operation, value as object, world, actor))
      .filter((value) => operation.body?.schema?.safeParse(value).success ?? true)
    return values.map((json) => ({ type, body: { json } }))
  })
  const absent = fc.constant({ body: undefined })
  return fc.oneof(...bodies, ...(requestBody.required ? [] : [absent]))
}

/** A value of the schema that also keeps what no schema can say. */
function adapted({ id }: Operation, value: object, world: World, actor: Actor): object {
  const choose = <T>(all: T[]): T | undefined => all[JSON.stringify(value).length % (all.length + 1)]
  if (id === 'register') return { ...value, password: aPassword() }
  if (id === 'login') {
    const { email, password } = world.user
    return choose([0]) === 0 ? { email, password } : value
  }
  if (id === 'refresh' || id === 'logout') {
    const token = choose(id === 'refresh' ? world.refreshTokens : world.logouts)
    return token === undefined ? value : { refresh_token: token }
  }
  if (id === 'placeOrder') {
    const order = value as { items: { product_id: number }[] }
    const found = order.items.map((item) => ({
      ...item,
      product_id: choose(world.products) ?? item.product_id,
    }))
    return { ...(actor === 'guest' && { email: 'guest@example.com' }), ...order, items: found }
  }
  return value
}

function toSent(
  operation: Operation,
  { method, path, query, headers, body }: Parts,
  own: Record<string, string>,
): Sent {
  const filled = operation.path.replace(/:(\w+)/g, (_, name: string) => path[name] ?? '')
  return {
    method,
    path: query === '' ? filled : `${filled}?${query}`,
    headers: { ...own, ...headers },
    body: body && ('raw' in body ? body.raw : JSON.stringify(body.json)),
    ...(101 in operation.answers && { upgrade: true }),
  }
}
