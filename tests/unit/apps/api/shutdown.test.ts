import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { gracefulShutdown, type ShutdownParts } from '../../../../apps/api/shutdown.ts'
import { silent } from './app.fixture.ts'

let server: Server
afterEach(() => server?.closeAllConnections())

/** A server whose one request ends when told to, and the list of what its shutdown did. */
async function slowServer(parts: Partial<ShutdownParts> = {}) {
  const did: string[] = []
  const started = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  server = createServer(async (_request, response) => {
    started.resolve()
    await finish.promise
    did.push('answered')
    response.end('done')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const exited = Promise.withResolvers<number>()
  const stop = gracefulShutdown({
    server,
    log: silent,
    drain: () => void did.push('unready'),
    endStreams: async () => void did.push('streams'),
    closers: [() => void did.push('first closer'), async () => void did.push('second closer')],
    exit: (code) => exited.resolve(code),
    limitMs: 30_000,
    ...parts,
  })
  const ask = () =>
    new Promise<string | undefined>((resolve, reject) => {
      const { port } = server.address() as AddressInfo
      const asking = request(
        { port, host: '127.0.0.1', headers: { connection: 'keep-alive' } },
        (response) => {
          response.resume()
          response.on('end', () => resolve(response.headers.connection))
        },
      )
      asking.on('error', reject).end()
    })
  return { did, stop, ask, started: started.promise, finish: () => finish.resolve(), exited: exited.promise }
}

describe('a graceful shutdown', () => {
  test('turns readiness off, answers what was asked, and only then closes what answers need', async () => {
    const { did, stop, ask, started, finish, exited } = await slowServer()
    const answer = ask()
    await started
    void stop('SIGINT')
    finish()
    await answer
    expect(await exited).toBe(0)
    expect(did).toEqual(['unready', 'streams', 'answered', 'first closer', 'second closer'])
  })

  test('tells clients whose request is under way to use another connection', async () => {
    const { stop, ask, started, finish } = await slowServer()
    const connection = ask()
    await started
    void stop('SIGTERM')
    finish()
    expect(await connection).toBe('close')
  })

  test('takes no new connection', async () => {
    const { stop, ask, started, finish, exited } = await slowServer()
    const answer = ask()
    await started
    void stop('SIGINT')
    expect(server.listening).toBe(false)
    finish()
    await Promise.all([answer, exited])
  })

  test('runs once, however often it is asked for', async () => {
    const { did, stop, exited } = await slowServer()
    await Promise.all([stop('SIGINT'), stop('SIGINT'), stop('message from PM2')])
    await exited
    expect(did).toEqual(['unready', 'streams', 'first closer', 'second closer'])
  })

  test('goes on when something cannot be closed', async () => {
    const closed: string[] = []
    const fails = async () => {
      throw new Error('already gone')
    }
    const { stop, exited } = await slowServer({ closers: [fails, () => void closed.push('next')] })
    await stop('SIGINT')
    expect([await exited, closed]).toEqual([0, ['next']])
  })

  test('cuts off what is still running at the limit and says so by its exit code', async () => {
    const { stop, ask, started, exited, finish } = await slowServer({ limitMs: 1 })
    const answer = ask().catch(() => 'cut')
    await started
    void stop('SIGINT')
    expect(await exited).toBe(1)
    finish()
    await answer
  })
})
