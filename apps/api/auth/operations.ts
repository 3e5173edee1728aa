import { z } from 'zod'
import { only } from '../openapi/fields.ts'
import type { Operation } from '../openapi/operation.ts'
import { credentials, refreshRequest, sessionView, userView } from './schemas.ts'

const tag = 'authentication'
const headers = z.object({ 'X-Ecomweb-Client': z.literal('token').optional() })

export const authOperations: Operation[] = [
  {
    id: 'register',
    method: 'post',
    path: '/api/auth/register',
    tag,
    access: 'public',
    summary: 'Open an account',
    headers,
    body: { schema: credentials },
    answers: { 201: { description: 'The account is open, and its user signed in.', schema: sessionView } },
    problems: [409, 429],
  },
  {
    id: 'login',
    method: 'post',
    path: '/api/auth/login',
    tag,
    access: 'public',
    summary: 'Sign in',
    headers,
    body: { schema: credentials },
    answers: { 200: { description: 'Signed in.', schema: sessionView } },
    problems: [401, 429],
  },
  {
    id: 'refresh',
    method: 'post',
    path: '/api/auth/refresh',
    tag,
    access: 'session',
    summary: 'Get a new access token',
    description:
      'The refresh token, from the cookie or the body, is good for once: each answer brings the next one. One that ' +
      'is used again ends the login.',
    headers,
    body: { schema: refreshRequest, optional: true },
    answers: { 200: { description: 'Still signed in.', schema: sessionView } },
    problems: [429],
  },
  {
    id: 'logout',
    method: 'post',
    path: '/api/auth/logout',
    tag,
    access: 'session',
    summary: 'Sign out',
    body: { schema: refreshRequest, optional: true },
    answers: { 204: { description: 'Signed out.' } },
  },
  {
    id: 'getMe',
    method: 'get',
    path: '/api/auth/me',
    tag,
    access: 'user',
    summary: 'Who is signed in',
    answers: { 200: { description: 'The user.', schema: only('user', userView) } },
  },
]
