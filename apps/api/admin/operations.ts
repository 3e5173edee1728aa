import { z } from 'zod'
import { only, pagination, timestamp, uuid } from '../openapi/fields.ts'
import type { Operation } from '../openapi/operation.ts'
import { managedUser, page, userChange, usersQuery } from './schemas.ts'

const entry = z
  .object({
    id: z
      .string()
      .regex(/^\d+$/)
      .meta({ description: 'a whole number, maybe beyond what JavaScript counts' }),
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
    query: usersQuery,
    answers: {
      200: { description: 'The page.', schema: z.object({ users: z.array(managedUser), pagination }) },
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
    body: { schema: userChange },
    answers: { 200: { description: 'The user as it is now.', schema: only('user', managedUser) } },
    problems: [409],
  },
  {
    id: 'listAudit',
    method: 'get',
    path: '/api/admin/audit',
    tag,
    access: 'admin',
    summary: 'What administrators did',
    query: page,
    answers: {
      200: {
        description: 'The page, newest first.',
        schema: z.object({ entries: z.array(entry), pagination }),
      },
    },
  },
]
