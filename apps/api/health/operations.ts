import { z } from 'zod'
import { timestamp } from '../openapi/fields.ts'
import type { Operation } from '../openapi/operation.ts'

const health = z
  .object({
    status: z.enum(['healthy', 'degraded']),
    message: z.literal('Server is running'),
    environment: z.enum(['staging', 'production']),
    timestamp,
    services: z.record(z.string(), z.enum(['up', 'down'])).meta({
      description:
        'what it uses: database, redis, temporal, reports, and everything external that is configured',
    }),
    version: z.string(),
  })
  .meta({ id: 'Health' })

const readiness = z.object({
  ready: z.boolean(),
  reason: z.string().optional().meta({ description: 'why not' }),
  colour: z.string().optional(),
  image: z.string().optional(),
  worker: z.string().optional(),
  workers: z.object({ ready: z.int(), expected: z.int() }),
  migrations: z.object({ expected: z.int(), applied: z.int() }).optional(),
})

const tag = 'health'
const access = 'public'

export const healthOperations: Operation[] = [
  {
    id: 'getHealth',
    method: 'get',
    path: '/api/health',
    tag,
    access,
    summary: 'How the shop and what it uses are',
    description:
      'Always 200: a client that has another server to go to goes there when the status is degraded.',
    answers: { 200: { description: 'It answers.', schema: health } },
  },
  {
    id: 'isAlive',
    method: 'get',
    path: '/health',
    tag,
    access,
    summary: 'Whether the process is alive',
    answers: { 200: { description: 'It is.', schema: z.object({ status: z.literal('ok') }) } },
  },
  {
    id: 'isReady',
    method: 'get',
    path: '/ready',
    tag,
    access,
    summary: 'Whether traffic may be sent here',
    description: 'For the edge and the operators; the edge does not let it through from outside.',
    answers: {
      200: { description: 'It may.', schema: readiness },
      503: { description: 'Not yet, or not any more.', schema: readiness },
    },
  },
  {
    id: 'getOpenapi',
    method: 'get',
    path: '/api/openapi.json',
    tag: 'documentation',
    access,
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({ openapi: z.string() }) } },
  },
]
