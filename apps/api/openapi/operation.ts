import type { z } from 'zod'

/**
 * Who may call. `public`: a token changes nothing; `anyone`: guests too, but a token that is sent has to be good;
 * `session`: whoever holds a refresh token; `user` and `admin`: with an access token of that role; `feed`: whoever holds a
 * key of the data feed, which has errors of its own form.
 */
export type Access = 'public' | 'anyone' | 'session' | 'user' | 'admin' | 'feed'

/** What a body is: JSON unless it says otherwise. */
export type Content = { schema?: z.ZodType; type?: string | readonly string[] }

export type Answer = Content & { description: string; headers?: z.ZodObject }

/**
 * One endpoint as clients see it. Every feature declares its own in operations.ts, with the schemas that its routes
 * validate with; the document is made from all of them, and a test compares it with the routes.
 */
export type Operation = {
  /** for generated clients: a verb and what it is done to, listProducts */
  id: string
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** as the route has it: /api/orders/:id */
  path: string
  tag: string
  summary: string
  description?: string
  access: Access
  params?: z.ZodObject
  query?: z.ZodObject
  headers?: z.ZodObject
  body?: Content & { optional?: true }
  answers: Record<number, Answer>
  /** The statuses of problems that cannot be told from the rest of the declaration, such as 409. */
  problems?: readonly number[]
}
