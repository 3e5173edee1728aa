import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { Session } from '../../../../../apps/core/feed/phpmyadmin/session.ts'

const signal = AbortSignal.timeout(10_000)
const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

type Asked = { method: string; url: string; cookie: string | undefined; body: string }

/** A server that answers each path as told and remembers what it was asked. */
async function serve(answers: Record<string, (response: ServerResponse) => void>) {
  const asked: Asked[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const body = await text(request)
    const { method = '', url = '', headers } = request
    asked.push({ method, url, cookie: headers.cookie, body })
    const answer = answers[url]
    if (answer) answer(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const to =
  (location: string, status = 302, cookie: string[] = []) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { location, 'set-cookie': cookie }).end()
const ok = (response: ServerResponse) => void response.end('ok')

test.each(['/tools/pma', '/tools/pma/', '/tools/pma/index.php'])('%s is a folder of pages', async (base) => {
  const { origin, asked } = await serve({ '/tools/pma/index.php?route=/': ok })
  const { url } = await new Session(origin + base).ask('index.php?route=/', { signal })
  expect(url.pathname).toBe('/tools/pma/index.php')
  expect(asked).toHaveLength(1)
})

test('a form is posted once; what follows carries the cookies', async () => {
  const cookies = [
    'phpMyAdmin=1; path=/pma; HttpOnly; SameSite=Strict',
    'gone=1; max-age=0',
    'elsewhere=1; path=/x',
  ]
  const { origin, asked } = await serve({ '/pma/login': to('./home', 302, cookies), '/pma/home': ok })
  const { url, response } = await new Session(`${origin}/pma`).ask('login', { signal, form: { a: 'ü &' } })
  expect(await response.text()).toBe('ok')
  expect(url.pathname).toBe('/pma/home')
  expect(asked).toMatchObject([
    { method: 'POST', url: '/pma/login', body: 'a=%C3%BC+%26' },
    { method: 'GET', url: '/pma/home', cookie: 'phpMyAdmin=1', body: '' },
  ])
})

test('a redirect that keeps the method keeps the form', async () => {
  const { origin, asked } = await serve({ '/old': to('/new', 308), '/new': ok })
  await new Session(origin).ask('old', { signal, form: { a: '1' } })
  expect(asked.map(({ method, body }) => [method, body])).toEqual([
    ['POST', 'a=1'],
    ['POST', 'a=1'],
  ])
})

test('what is given to this host is not carried to another', async () => {
  const { origin } = await serve({ '/': to('https://elsewhere.example/', 307) })
  await expect(new Session(origin).ask('', { signal, form: { password: 'secret' } })).rejects.toThrow(
    /^phpMyAdmin redirects to another host, elsewhere\.example$/,
  )
})

test('redirects in a circle end', async () => {
  const { origin, asked } = await serve({ '/': to('/') })
  await expect(new Session(origin).ask('', { signal })).rejects.toThrow('redirects more than 10 times')
  expect(asked).toHaveLength(11)
})

test('an error of the server is told with its place', async () => {
  const { origin } = await serve({
    '/index.php?route=/export': (response) => void response.writeHead(502).end('<h1>Bad</h1>'),
  })
  await expect(new Session(origin).ask('index.php?route=/export', { signal })).rejects.toThrow(
    'phpMyAdmin answers 502 Bad Gateway to /index.php/export',
  )
})

test('an abort rejects with its own reason', async () => {
  const { origin } = await serve({ '/': () => {} })
  const stop = new AbortController()
  const answer = new Session(origin).ask('', { signal: stop.signal })
  stop.abort(new Error('stopped'))
  await expect(answer).rejects.toThrow('stopped')
})
