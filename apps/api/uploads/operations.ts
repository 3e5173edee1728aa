import { z } from 'zod'
import type { Operation } from '../openapi/operation.ts'

const image = ['image/png', 'image/jpeg', 'image/webp']

const stored = z
  .object({
    id: z.string(),
    bytes: z.int().min(1),
    sha256: z.string().length(64),
    url: z.string().meta({ example: '/api/uploads/0123456789abcdef-mug.png' }),
  })
  .meta({ id: 'Upload' })

export const uploadOperations: Operation[] = [
  {
    id: 'putUpload',
    method: 'put',
    path: '/api/uploads/:name',
    tag: 'uploads',
    access: 'anyone',
    summary: 'Store an image',
    description:
      'At most 20 MiB. The same image under the same name has the same id, however often it is sent.',
    params: z.object({ name: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/) }),
    body: { type: image },
    answers: { 201: { description: 'It is safely stored.', schema: stored } },
    problems: [408],
  },
  {
    id: 'getUpload',
    method: 'get',
    path: '/api/uploads/:id',
    tag: 'uploads',
    access: 'anyone',
    summary: 'An image',
    description: 'An id names content, so what it stands for never changes.',
    params: z.object({ id: z.string() }),
    answers: { 200: { description: 'The image.', type: image } },
  },
]
