import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import {
  type CreateDocumentOptions,
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi'
import type { Access, Answer, Content, Operation } from './operation.ts'
import { problem } from './problem.ts'

/** The OpenAPI 3.1 document of some operations. */
export function openapiDocument(operations: readonly Operation[], version: string) {
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'ecomweb shop',
        version,
        description:
          'Amounts are in cents, times in UTC. Whatever fails is answered as application/problem+json, ' +
          'with the X-Request-ID of the answer as request_id.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
      paths: pathsOf(operations),
      components: {
        securitySchemes: {
          accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          feedKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          refreshToken: { type: 'apiKey', in: 'cookie', name: 'ecomweb_refresh' },
        },
      },
    },
    { override: forReaders },
  )
}

const examples: Record<string, string> = {
  'date-time': '2026-01-31T12:00:00.000Z',
  email: 'anna@example.com',
  uuid: '3f0c7e0a-9d3b-4c57-8a5e-6d1f2b9c4e70',
}

/** A format tells people more than its regular expression does, from which a page would make examples at random. */
const forReaders: CreateDocumentOptions['override'] = ({ jsonSchema, io }) => {
  const example = examples[jsonSchema.format ?? '']
  if (!example) return
  jsonSchema.examples ??= [example]
  if (io === 'output') delete jsonSchema.pattern
}

function pathsOf(operations: readonly Operation[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {}
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method]: describe(operation) }
  }
  return paths
}

function describe(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, description, access, params, query, headers, body, answers } = operation
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: security[access],
    requestParams: {
      ...(params && { path: params }),
      ...(query && { query }),
      ...(headers && { header: headers }),
    },
    ...(body && { requestBody: { required: !body.optional, content: contentOf(body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)])),
      ...Object.fromEntries(problemsOf(operation).map((status) => [status, problemResponse(status)])),
      default: anyProblem,
    },
  }
}

const security: Record<Access, Record<string, string[]>[]> = {
  public: [],
  anyone: [{}, { accessToken: [] }],
  session: [{}, { refreshToken: [] }],
  user: [{ accessToken: [] }],
  admin: [{ accessToken: [] }],
  feed: [{ feedKey: [] }],
}

const unauthorized: Record<Access, number[]> = {
  public: [],
  anyone: [401],
  session: [401],
  user: [401],
  admin: [401, 403],
  feed: [],
}

/** What may go wrong follows from what is asked for. */
function problemsOf({ access, params, query, headers, body, problems = [] }: Operation): number[] {
  const found = [...unauthorized[access], ...problems]
  if (query || headers || body) found.push(400)
  if (params) found.push(404)
  if (body) found.push(413, 415)
  return [...new Set(found)].sort((one, other) => one - other)
}

function response({ description, headers, ...content }: Answer): ZodOpenApiResponseObject {
  const hasBody = content.schema || content.type
  return { description, ...(headers && { headers }), ...(hasBody && { content: contentOf(content) }) }
}

function contentOf({ schema, type = 'application/json' }: Content) {
  return Object.fromEntries([type].flat().map((name) => [name, schema ? { schema } : {}]))
}

const asProblem = { 'application/problem+json': { schema: problem } }

const retryAfter = z.object({
  'Retry-After': z.string().optional().meta({ description: 'seconds after which it may go well' }),
})

const anyProblem: ZodOpenApiResponseObject = {
  id: 'Problem',
  description: 'It did not go well, for a reason that any request may meet.',
  headers: retryAfter,
  content: asProblem,
}

const problemResponses = new Map<number, ZodOpenApiResponseObject>()

/** The same object for the same status, so that the document names it once and refers to it. */
function problemResponse(status: number): ZodOpenApiResponseObject {
  const description = STATUS_CODES[status] ?? 'Error'
  const made = problemResponses.get(status) ?? {
    id: description.replace(/\W/g, ''),
    description,
    ...(status === 429 && { headers: retryAfter }),
    content: asProblem,
  }
  problemResponses.set(status, made)
  return made
}
