import { z } from 'zod'
import { timestamp } from '../openapi/fields.ts'
import type { Answer, Operation } from '../openapi/operation.ts'

const error = z
  .object({ error: z.string() })
  .meta({ id: 'FeedError', description: 'How the data feed says what did not go well.' })

const failures: Record<number, string> = {
  401: 'The key is missing or wrong.',
  406: 'None of the encodings that there are is accepted.',
  409: 'No refresh is in progress.',
  412: 'If-Match or If-Unmodified-Since does not hold.',
  416: 'There is no such range.',
  500: '`Error reading cache`, or `Internal error` for anything else.',
  503: '`No cached data`: no refresh has succeeded yet.',
}

const failing = (...statuses: number[]): Record<number, Answer> =>
  Object.fromEntries(
    statuses.map((status) => [status, { description: failures[status] ?? '', schema: error }]),
  )

const count = z.int().min(0)

const refresh = z.union([
  z
    .object({
      in_progress: z.boolean(),
      phase: z.string().optional(),
      rows: count.optional(),
      rows_expected: count.optional(),
      started_at: timestamp.optional(),
      waiting_since: timestamp.optional().meta({ description: 'while no worker has begun it' }),
      last: z
        .object({
          status: z.enum(['finished', 'failed', 'cancelled', 'lost']),
          finished_at: timestamp,
          failure: z.string().optional().meta({ description: 'why the data stayed as it was' }),
        })
        .nullable(),
    })
    .meta({ description: 'the refresh in progress, and the one that ended last' }),
  z.object({ unknown: z.literal(true) }).meta({ description: 'while the database is away' }),
])

const status = z
  .object({
    status: z.literal('ok'),
    count: count.nullable().meta({ description: 'records; null, as are the others, without cached data' }),
    bytes: count.nullable().meta({ description: 'of the JSON that /fetch-data answers' }),
    checksum: z.string().length(64).nullable().meta({ description: 'SHA-256 of the same' }),
    updated_at: timestamp.nullable(),
    refresh,
  })
  .meta({ id: 'FeedStatus' })

const data = z
  .object({
    _info: z.string().optional().meta({ description: 'with refresh=true: what became of the refresh' }),
    status: z.literal('success'),
    count,
    updated_at: timestamp,
    data: z.array(z.record(z.string(), z.unknown())).meta({ description: 'a record each' }),
  })
  .meta({ id: 'Feed' })

const flag = (description: string) => z.string().optional().meta({ description, example: 'true' })

const common = { tag: 'feed', access: 'feed' } as const

export const feedOperations: Operation[] = [
  {
    ...common,
    id: 'getFeedStatus',
    method: 'get',
    path: '/status',
    summary: 'What data there is, and how its refresh stands',
    answers: { 200: { description: 'The status.', schema: status }, ...failing(401, 500) },
  },
  {
    ...common,
    id: 'fetchData',
    method: 'get',
    path: '/fetch-data',
    summary: 'All records',
    description:
      'As JSON, zstd and gzip being preferred as encodings; with ETag, Last-Modified and ranges of the encoded bytes. ' +
      'With `refresh=true` a refresh is begun, and `_info` comes first. With `stream=true` it is answered as ' +
      'server-sent events without names: {"type":"cached","payload":…}, then, if a refresh was asked for or goes on, ' +
      '{"type":"updated","payload":…} or {"type":"error","message":…}, and {"type":"done"}. At a deploy a stream ends ' +
      'by a retry hint.',
    query: z.object({
      refresh: flag('`true` begins a refresh in the background'),
      stream: flag('`true` asks for server-sent events'),
    }),
    answers: {
      200: { description: 'The records.', type: ['application/json', 'text/event-stream'], schema: data },
      ...failing(401, 406, 412, 416, 500, 503),
    },
  },
  {
    ...common,
    id: 'refreshFeed',
    method: 'post',
    path: '/refresh',
    summary: 'Begin a refresh',
    answers: {
      202: {
        description: 'It has begun, or another goes on.',
        schema: z.object({ status: z.enum(['triggered', 'already in progress']) }),
      },
      ...failing(401, 500),
    },
  },
  {
    ...common,
    id: 'cancelFeedRefresh',
    method: 'post',
    path: '/refresh/cancel',
    summary: 'Stop the refresh',
    description: 'It stops within seconds, wherever it runs; the data stays as it was.',
    answers: {
      202: { description: 'It will stop.', schema: z.object({ status: z.literal('cancelling') }) },
      ...failing(401, 409, 500),
    },
  },
]
