import { createHash } from 'node:crypto'
import { Router } from 'express'

type Made = { json: string; etag: string }

/** GET /openapi.json: what this API can do, for programs. (For people there is /docs, a part of the web client.) */
export function openapiRoutes(version: string): Router {
  let made: Promise<Made> | undefined
  return Router().get('/openapi.json', async (_request, response) => {
    made ??= make(version)
    const { json, etag } = await made
    response.set({ 'Cache-Control': 'public, no-cache', ETag: etag }).type('json').send(json)
  })
}

/** Made when somebody asks for the first time: a process that nobody asks pays nothing for it. */
async function make(version: string): Promise<Made> {
  const [{ openapiDocument }, { operations }] = await Promise.all([
    import('./document.ts'),
    import('./operations.ts'),
  ])
  const json = JSON.stringify(openapiDocument(operations, version))
  return { json, etag: `"${createHash('sha256').update(json).digest('base64url').slice(0, 22)}"` }
}
