import { afterEach, describe, expect, it } from 'vitest'
import { type Mix, startLoad } from '../../load/mixed.ts'
import { AttemptFailed, type LoadClass, Recorder } from '../../load/recorder.ts'
import { losses, type Report } from '../../load/report.ts'
import { type Defects, type FakeShop, fakeShop } from './fake-shop.ts'

const SMALL: Mix = {
  keepAlive: { workers: 2, perSecond: 400 },
  newConnection: { workers: 2, perSecond: 400 },
  orders: { workers: 1, perSecond: 200 },
  lookUps: { workers: 1, perSecond: 100 },
  slow: { workers: 1, perSecond: 100 },
  uploads: { clients: 2, takesMs: 20 },
  eventStreams: { clients: 2, lifeMs: 30 },
  webSockets: { clients: 2, lifeMs: 30 },
}
const LONG_LIVES = { clients: 2, lifeMs: 10_000 }

let shop: FakeShop

afterEach(() => shop.close())

/** Loads a shop until its recorder has seen enough, then stops and reports. */
async function load(defects: Defects, mix: Partial<Mix> = {}, enough = plenty): Promise<Report> {
  shop = await fakeShop(defects)
  const recorder = new Recorder()
  const finished = watch(recorder, enough)
  const { url, ledger } = shop
  const running = startLoad({ url, ledger, recorder, mix: { ...SMALL, ...mix }, maxSeconds: 20 })
  await finished
  return running.stop()
}

/** Resolves once a condition on the recorder holds, asked after each attempt rather than by time. */
function watch(recorder: Recorder, enough: (recorder: Recorder) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const attempt = recorder.attempt.bind(recorder)
    recorder.attempt = async (...args) => {
      const ok = await attempt(...args)
      if (enough(recorder)) resolve()
      return ok
    }
  })
}

const EACH: LoadClass[] = [
  'keep-alive',
  'new-connection',
  'order',
  'look-up',
  'slow',
  'upload',
  'event-stream',
  'websocket',
]
const plenty = (recorder: Recorder): boolean => EACH.every((name) => recorder.tally(name).ok >= 5)
const anyFailure = ({ failures }: Recorder): boolean => failures.length > 0
const manyOrders = (recorder: Recorder): boolean => recorder.tally('order').begun >= 20

describe('a shop that behaves', () => {
  it('loses nothing, and every class is counted', async () => {
    const report = await load({})
    expect(losses(report)).toEqual([])
    expect(report.classes.map(({ class: name }) => name)).toEqual(EACH)
    expect(report.events.received).toBeGreaterThan(0)
  })

  it('may end streams after a retry hint and sockets with 1001', async () => {
    const defects: Defects = { streamEnd: { after: 3, how: 'hint' }, socketEnd: { after: 3, code: 1001 } }
    const report = await load(defects, { eventStreams: LONG_LIVES, webSockets: LONG_LIVES })
    expect(losses(report)).toEqual([])
  })

  it('shows its switches to the clients', async () => {
    shop = await fakeShop()
    const recorder = new Recorder()
    const mix = { ...SMALL, uploads: { clients: 0, takesMs: 0 } }
    const running = startLoad({ url: shop.url, ledger: shop.ledger, recorder, mix, maxSeconds: 20 })
    const paint = (colour: string) =>
      recorder.moving(colour, () => fetch(`${shop.url}/colour`, { headers: { 'x-colour': colour } }))
    await watch(recorder, ({ samples }) => samples.length >= 20)
    await paint('green')
    await watch(recorder, ({ samples }) => samples.length >= 40)
    await paint('blue')
    await watch(recorder, ({ samples }) => samples.length >= 60)
    const { switches, strays } = await running.stop()
    expect(switches.map(({ to }) => to)).toEqual(['green', 'blue'])
    expect(strays).toBe(0)
    expect(Math.min(...switches.map(({ begun }) => begun))).toBeGreaterThan(0)
  })
})

describe('the detector sees', () => {
  const LIVES = { eventStreams: LONG_LIVES, webSockets: LONG_LIVES }

  it.each<[string, Defects, string]>([
    ['a dropped connection', { dropEvery: 5 }, 'ECONNRESET|socket hang up'],
    ['an error status', { failEvery: 5 }, 'status 503 instead of 200: {"error":"no server"}'],
    ['a stream ended without a hint', { streamEnd: { after: 3, how: 'silent' } }, 'without a retry hint'],
    [
      'a stream cut',
      { streamEnd: { after: 3, how: 'reset' } },
      'event-stream stream: .*(ECONNRESET|aborted)',
    ],
    ['a socket lost', { socketEnd: { after: 3, code: 1006 } }, 'closed by the server with 1006'],
    [
      'a socket closed with another code',
      { socketEnd: { after: 3, code: 1011 } },
      'closed by the server with 1011',
    ],
    ['a picture stored wrongly', { corruptUploads: true }, 'upload answer: stored'],
  ])('%s', async (_, defects, loss) => {
    const report = await load(defects, LIVES, anyFailure)
    expect(report.failed).toBeGreaterThan(0)
    expect(losses(report).join('\n')).toMatch(new RegExp(loss))
  })

  it.each<[string, NonNullable<Defects['order']>, string]>([
    ['an order that is lost', 'lost', 'acknowledged and is lost'],
    ['an order executed twice', 'executed twice', 'stored or executed twice'],
    ['an order stored twice', 'stored twice', 'stored or executed twice'],
    ['an order stored but refused', 'stored but refused', 'although its customer was told that it failed'],
  ])('%s', async (_, order, loss) => {
    const report = await load({ order }, {}, manyOrders)
    expect(losses(report).join('\n')).toMatch(loss)
  })

  it('an event that live subscribers did not get', async () => {
    const report = await load({ skipEvent: 9 }, LIVES, manyOrders)
    expect(report.failed).toBe(0)
    expect(report.events.missing.toSorted()).toContain('websocket 0 missed event 9')
    expect(report.events.missing.toSorted()).toContain('event-stream 0 missed event 9')
  })

  it('a defect of a client instead of hiding it', async () => {
    const recorder = new Recorder()
    shop = await fakeShop()
    await recorder.attempt('slow', async () => Promise.reject(new TypeError('oops')))
    await recorder.attempt('slow', async () => Promise.reject(new AttemptFailed('connect', 'refused')))
    expect(recorder.failures.map(({ phase, reason }) => `${phase} ${reason}`)).toEqual([
      'client TypeError: oops',
      'connect refused',
    ])
  })
})
