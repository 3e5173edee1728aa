import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../../../../apps/api/app.ts'
import { openapiDocument } from '../../../../apps/api/openapi/document.ts'
import { operations } from '../../../../apps/api/openapi/operations.ts'
import { routesOf } from '../../../../apps/api/routing.ts'
import { type Running, revalidating, startApp } from './app.fixture.ts'

let app: Running
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const inBraces = (path: string) => path.replace(/:(\w+)/g, '{$1}')

describe('the OpenAPI document', () => {
  test('has every route, and no other', () => {
    const routes = routesOf(buildApp(app.parts)).flatMap(({ path, methods }) =>
      methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${inBraces(path)}`),
    )
    const { paths = {} } = openapiDocument(operations, '1')
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, { responses: object }>)
        // WebSockets are no routes: the server itself takes them.
        .filter(([, { responses }]) => !('101' in responses))
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.toSorted()).toEqual(routes.toSorted())
  })

  test('names each operation once, with the parameters of its path', () => {
    const ids = operations.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)])
    for (const { id, path, params } of operations) {
      const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)
      expect([id, Object.keys(params?.shape ?? {})]).toEqual([id, named])
    }
  })

  test('is answered once, and afterwards only asked about', async () => {
    const response = await fetch(`${app.url}/api/openapi.json`)
    const document = (await response.json()) as { openapi: string; info: { version: string } }
    expect(document).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./), info: { version: '9.9.9' } })
    const etag = response.headers.get('etag')
    const again = await fetch(`${app.url}/api/openapi.json`, { headers: revalidating(etag) })
    expect(again.status).toBe(304)
  })
})

describe('answers are as the document says', () => {
  const schemaOf = (id: string, status: number) => {
    const schema = operations.find((operation) => operation.id === id)?.answers[status]?.schema
    if (!schema) throw new Error(`${id} declares no ${status}`)
    return schema
  }

  test.each([
    ['listProducts', '/api/products', 200],
    ['getHealth', '/api/health', 200],
    ['isAlive', '/health', 200],
    ['isReady', '/ready', 200],
    ['getOpenapi', '/api/openapi.json', 200],
  ])('%s', async (id, path, status) => {
    const response = await fetch(app.url + path)
    expect(response.status).toBe(status)
    const body = await response.json()
    // What the schema does not name would be missing from what it makes of the answer.
    expect(schemaOf(id, status).parse(body)).toEqual(body)
  })
})
