import { z } from 'zod'
import { only, pageQuery, pagination, role, timestamp, uuid } from '../openapi/fields.ts'
import type { Operation } from '../openapi/operation.ts'

const account = z
  .object({ id: uuid, email: z.email(), role, created_at: timestamp, disabled_at: timestamp.nullable() })
  .meta({ id: 'Account' })

const entry = z
  .object({
    id: z.string().regex(/^\d+$/),
    actor_id: uuid.nullable(),
    action: z.string().meta({ example: 'product.update' }),
    target: z.string(),
    details: z.record(z.string(), z.unknown()),
    request_id: z.string().nullable(),
    created_at: timestamp,
  })
  .meta({ id: 'AuditEntry' })

const tag = 'administration'

export const adminOperations: Operation[] = [
  {
    id: 'listUsers',
    method: 'get',
    path: '/api/admin/users',
    tag,
    access: 'admin',
    summary: 'Who has an account',
    query: pageQuery.extend({ search: z.string().max(200).optional() }),
    answers: {
      200: { description: 'The page.', schema: z.object({ users: z.array(account), pagination }) },
    },
  },
  {
    id: 'changeUser',
    method: 'patch',
    path: '/api/admin/users/:id',
    tag,
    access: 'admin',
    summary: 'Give a user another role, or close or open an account',
    params: z.object({ id: uuid }),
    body: { schema: z.object({ role: role.optional(), disabled: z.boolean().optional() }) },
    answers: { 200: { description: 'The user as it is now.', schema: only('user', account) } },
    problems: [409],
  },
  {
    id: 'listAudit',
    method: 'get',
    path: '/api/admin/audit',
    tag,
    access: 'admin',
    summary: 'What administrators did',
    query: pageQuery,
    answers: {
      200: {
        description: 'The page, newest first.',
        schema: z.object({ entries: z.array(entry), pagination }),
      },
    },
  },
]
