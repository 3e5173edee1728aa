import { afterEach, describe, expect, test } from 'vitest'
import { serviceCheck } from '../../../../apps/api/health/services.ts'
import { Readiness } from '../../../../apps/api/readiness.ts'
import { type Running, readJson, silent, startApp } from './app.fixture.ts'

let app: Running
afterEach(() => app?.close())

const at = async (path: string) => {
  const response = await fetch(app.url + path)
  return { status: response.status, body: await readJson(response) }
}

const noPause = async () => undefined as never
const once = { name: 'Redis', check: async () => {} }

describe('/health', () => {
  test('says ok as soon as the process listens', async () => {
    app = await startApp()
    expect(await at('/health')).toEqual({ status: 200, body: { status: 'ok' } })
  })
})

describe('/ready', () => {
  test('is 503 with the reason until every dependency was there once', async () => {
    app = await startApp()
    const { readiness } = app.parts.health
    const arrival = Promise.withResolvers<void>()
    const waiting = readiness.await(
      [once, { name: 'PostgreSQL', check: () => arrival.promise }],
      1000,
      noPause,
    )
    await Promise.resolve()
    const before = await at('/ready')
    expect(before.status).toBe(503)
    expect(before.body).toMatchObject({ ready: false, colour: 'blue', image: 'shop:1' })
    expect(before.body.reason).toContain('PostgreSQL')
    expect(before.body.reason).not.toContain('Redis')
    arrival.resolve()
    await waiting
    expect((await at('/ready')).status).toBe(200)
  })

  test('tells workers and migrations apart from its own state', async () => {
    app = await startApp()
    app.parts.health.readiness.migrations = { expected: 3, applied: 3 }
    expect((await at('/ready')).body).toEqual({
      ready: true,
      colour: 'blue',
      image: 'shop:1',
      worker: '0',
      workers: { ready: 1, expected: 2 },
      migrations: { expected: 3, applied: 3 },
    })
  })
})

describe('readiness', () => {
  test('tries again after a failure and says why it waits', async () => {
    const readiness = new Readiness(silent)
    const reasons: (string | undefined)[] = []
    let tries = 0
    const check = async () => {
      if (++tries < 4) throw new Error(`Invalid call\n\n  refused ${tries}`)
    }
    const pause = async () => {
      reasons.push(readiness.reason)
      return undefined as never
    }
    await readiness.await([{ name: 'PostgreSQL', check }], 1000, pause)
    expect(reasons.at(-1)).toBe('waiting for PostgreSQL (refused 3)')
    expect(readiness.ready).toBe(true)
  })

  test('is latched: what worked once is not asked again', async () => {
    const readiness = new Readiness(silent)
    let calls = 0
    await readiness.await([{ name: 'Redis', check: async () => void calls++ }], 1000, noPause)
    expect([readiness.ready, readiness.ready, calls]).toEqual([true, true, 1])
  })

  test('does not wait for what is not needed, which is tried until it is there', async () => {
    const readiness = new Readiness(silent)
    const there = Promise.withResolvers<void>()
    let tries = 0
    const check = async () => {
      if (++tries < 4) throw new Error('away')
      there.resolve()
    }
    const pauses: PromiseWithResolvers<void>[] = []
    const pause = async () => {
      const one = Promise.withResolvers<void>()
      pauses.push(one)
      return one.promise as never
    }
    await readiness.await([once, { name: 'Temporal', check, needed: false }], 1000, pause)
    expect([readiness.ready, readiness.reason]).toEqual([true, undefined])
    for (let pause = 0; pause < 3; pause++) {
      await expect.poll(() => pauses.length).toBe(pause + 1)
      pauses[pause]?.resolve()
    }
    await there.promise
    expect(readiness.ready).toBe(true)
  })

  test('only draining turns it off, and for good', async () => {
    const readiness = new Readiness(silent)
    await readiness.await([once], 1000, noPause)
    readiness.drain()
    expect(readiness.ready).toBe(false)
    expect(readiness.reason).toBe('draining')
  })

  test('waiting ends when draining begins', async () => {
    const readiness = new Readiness(silent)
    const check = async () => {
      throw new Error('away')
    }
    const pause = async () => {
      readiness.drain()
      return undefined as never
    }
    await readiness.await([{ name: 'Redis', check }], 1000, pause)
    expect(readiness.ready).toBe(false)
  })
})

describe('/api/health', () => {
  test('is healthy when every service is up', async () => {
    app = await startApp()
    const { status, body } = await at('/api/health')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'healthy',
      message: 'Server is running',
      environment: 'staging',
      services: { database: 'up', redis: 'up', temporal: 'up' },
      version: '9.9.9',
    })
  })

  test('is degraded, but still 200, when one is down', async () => {
    app = await startApp()
    const services = serviceCheck({
      database: async () => {},
      redis: async () => {
        throw new Error('away')
      },
    })
    await app.close()
    app = await startApp({ health: { ...app.parts.health, services } })
    const { status, body } = await at('/api/health')
    expect([status, body.status, body.services]).toEqual([200, 'degraded', { database: 'up', redis: 'down' }])
  })

  test('one look serves everybody who asks within a second', async () => {
    let [now, looks] = [0, 0]
    const services = serviceCheck({ redis: async () => void looks++ }, () => now)
    await Promise.all([services.look(), services.look()])
    now = 999
    await services.look()
    expect(looks).toBe(1)
    now = 1000
    await services.look()
    expect(looks).toBe(2)
  })
})
