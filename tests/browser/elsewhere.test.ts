import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restore, untilReady } from '../e2e/harness/colours.ts'
import { stack } from '../e2e/harness/current.ts'
import { waitUntil } from '../e2e/harness/wait.ts'
import { newcomer, register, visit, withBrowser } from './browser.ts'

withBrowser()

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

/** The built web client on a server that knows nothing of the shop, with the two colours as its backends. */
let folder = ''
let server: Server | undefined
const origin = `http://127.0.0.1:${stack.info.webPort}`
const backends = [stack.info.bluePort, stack.info.greenPort].map((port) => `http://127.0.0.1:${port}`)

beforeAll(async () => {
  await restore(stack)
  folder = mkdtempSync(join(tmpdir(), 'web-'))
  await stack.docker(['cp', `${stack.container('api_blue')}:/app/build/web/.`, folder])
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', origin)
    if (pathname === '/config.json') {
      response.setHeader('content-type', 'application/json')
      return response.end(JSON.stringify({ backends }))
    }
    const asked = join(folder, pathname)
    const file = extname(pathname) && existsSync(asked) ? asked : join(folder, 'index.html')
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
    createReadStream(file).pipe(response)
  }).listen(stack.info.webPort, '127.0.0.1')
})

afterAll(async () => {
  server?.close()
  rmSync(folder, { recursive: true, force: true })
  await restore(stack)
})

test('from another host the shop goes on at the next backend when the first is killed, and returns to it', async () => {
  const visitor = await visit({ baseURL: origin, serviceWorkers: 'block' })
  const { page } = visitor
  // Backends are looked after by the minute: the page's clock is put forward instead.
  await page.clock.install()
  const answered: string[] = []
  page.on('response', (response) => {
    if (response.url().includes('/api/products') && response.ok())
      answered.push(new URL(response.url()).origin)
  })
  await register(visitor, newcomer())
  await page.goto('/products')
  await page.getByRole('link', { name: /Enamel mug/ }).waitFor()
  expect(answered.at(-1)).toBe(backends[0])

  await stack.docker(['kill', '--signal', 'KILL', stack.container('api_blue')])
  await page.getByRole('link', { name: 'Paper', exact: false }).first().click()
  await waitUntil('the second backend answers', () => answered.at(-1) === backends[1])
  await page.getByText(/products? in paper/i).waitFor()
  await page.getByRole('link', { name: /Field notebook/ }).waitFor()
  // Whoever was signed in still is: the doors lead to one shop.
  await page.goto('/orders')
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect(await page.getByLabel('Password').count()).toBe(0)
  await visitor.picture('elsewhere')

  await page.getByRole('link', { name: 'Products' }).first().click()
  await stack.docker(['start', stack.container('api_blue')])
  await untilReady(stack, 'blue')
  const categories = ['Kitchen', 'Paper']
  await waitUntil('the first backend answers again', async () => {
    await page.clock.fastForward('01:10')
    categories.reverse()
    await page
      .getByRole('link', { name: categories[0] as string, exact: false })
      .first()
      .click()
    return answered.at(-1) === backends[0]
  })
  await visitor.leave()
})
