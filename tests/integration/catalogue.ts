import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { authenticate, type Principal } from '../../apps/api/auth/principal.ts'
import { answerError } from '../../apps/api/errors.ts'
import { answerHeaders } from '../../apps/api/headers.ts'
import { productAdminRoutes } from '../../apps/api/products/admin-routes.ts'
import type { AnswerCache } from '../../apps/api/products/cache.ts'
import { catalogueEditor } from '../../apps/api/products/editor.ts'
import { productRepository } from '../../apps/api/products/repository.ts'
import { productRoutes } from '../../apps/api/products/routes.ts'
import type { Product } from '../../apps/api/products/schema.ts'
import { productService } from '../../apps/api/products/service.ts'
import { requestId } from '../../apps/api/request-id.ts'
import { uploadRoutes } from '../../apps/api/uploads/routes.ts'
import { UploadStore } from '../../apps/api/uploads/store.ts'
import { type OwnDatabase, ownDatabase } from './database.ts'

export const ADMIN = '00000000-0000-4000-8000-00000000000a'
const people: Record<string, Principal> = {
  admin: { id: ADMIN, role: 'admin' },
  user: { id: '00000000-0000-4000-8000-00000000000b', role: 'user' },
}

export const kettle = {
  name: 'Kettle',
  description: 'Whistles.',
  price_cents: 4500,
  stock: 10,
  category: 'kitchen',
}

/** As much of an image as is looked at. */
export const PNG = Buffer.concat([
  Buffer.from('89504e470d0a1a0a', 'hex'),
  Buffer.from('the rest of the image'),
])

export type Answer = { status: number; headers: Headers; body: unknown }
export type Catalogue = Awaited<ReturnType<typeof startCatalogue>>

export const productOf = ({ body }: Answer): Product => (body as { product: Product }).product

/** The routes of the catalogue over a real database; the access tokens are "admin" and "user". */
export async function startCatalogue(cache: AnswerCache) {
  const own: OwnDatabase = await ownDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'uploads-'))
  const uploads = new UploadStore(folder)
  const database = own.open()
  const products = productService(productRepository(database), cache)
  const catalogue = catalogueEditor(database, () => products.stockChanged())
  const app = express()
  app.set('query parser', 'simple')
  app.use((request, response, next) => {
    requestId(request, response)
    next()
  })
  app.use(answerHeaders({ appUrl: 'http://shop.test' }))
  const known = authenticate({ verify: async (token) => people[token] as Principal })
  app.use('/api/products', productRoutes(products, known))
  app.use(known)
  app.use('/api/products', productAdminRoutes({ catalogue, products, uploads }))
  app.use('/api/uploads', uploadRoutes(uploads))
  app.use(answerError)
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function ask(method: string, path: string, options: Partial<RequestInit> = {}): Promise<Answer> {
    const response = await fetch(`${url}${path}`, { method, ...options })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
  }

  /** Sends JSON, or bytes as an image, with an access token. */
  const send = (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    token = 'admin',
  ): Promise<Answer> =>
    ask(method, path, {
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        'content-type': Buffer.isBuffer(body) ? 'image/png' : 'application/json',
        ...headers,
      },
      ...(body !== undefined && {
        body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
      }),
    })

  return {
    own,
    url,
    ask,
    send,
    async list(query = '') {
      const { headers, body } = await ask('GET', `/api/products${query}`)
      return { cached: headers.get('x-cache') === 'hit', ...(body as { products: Product[] }) }
    },
    /** Adds a product, and reads it as somebody does who wants to edit it. */
    async aKettle(): Promise<{ path: string; product: Product; etag: string }> {
      const product = productOf(await send('POST', '/api/products', kettle))
      const path = `/api/products/${product.id}`
      return { path, product, etag: (await ask('GET', path)).headers.get('etag') ?? '' }
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await rm(folder, { recursive: true, force: true })
      await own.drop()
    },
  }
}
