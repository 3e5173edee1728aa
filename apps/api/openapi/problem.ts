import { z } from 'zod'

/** Every answer that is not a success, as application/problem+json (RFC 9457). */
export const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().meta({ description: 'the name of the status', example: 'Bad Request' }),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'what is wrong, for the reader' }),
    request_id: z.string().meta({ description: 'the X-Request-ID under which it was logged' }),
    error: z.string().meta({ description: 'the same as detail', deprecated: true }),
    errors: z
      .array(z.object({ path: z.string().meta({ example: 'items.0.quantity' }), message: z.string() }))
      .optional()
      .meta({ description: 'what is wrong with the request, one by one' }),
  })
  .meta({ id: 'Problem' })

export type Problem = z.infer<typeof problem>
