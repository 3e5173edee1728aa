import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { TemporalServer } from './temporal-server.ts'

const ENV = {
  PATH: process.env.PATH,
  DATABASE_URL: 'postgresql://shop:password@127.0.0.1:9/shop',
  REDIS_URL: 'redis://127.0.0.1:9',
  UPLOADS_DIR: '/nonexistent',
}

/** A worker process; `said` resolves with what it has printed as soon as that matches. */
function start(env: Record<string, string | undefined>) {
  const child = spawn(process.execPath, ['apps/worker/main.ts'], {
    env: { ...ENV, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  const said = (wanted: RegExp) =>
    new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
          if (wanted.test(text)) resolve(text)
        })
      }
      child.once('close', () => reject(new Error(`it ended without ${wanted}:\n${text}`)))
    })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, text }))
  return { child, said, ended }
}

test('a worker that is told to stop ends with 0, also while database and Redis are away', async () => {
  const server = new TemporalServer('processOrder')
  onTestFinished(() => server.close())
  const worker = start({ TEMPORAL_ADDRESS: await server.listen() })
  await worker.said(/worker started/)
  worker.child.kill('SIGTERM')
  server.release()
  const { code, text } = await worker.ended
  expect([code, text.includes('worker stopped: nothing is left running')]).toEqual([0, true])
}, 60_000)

test('a worker of a version says so where Temporal knows none, and works as without', async () => {
  const server = new TemporalServer('processOrder')
  onTestFinished(() => server.close())
  const worker = start({
    TEMPORAL_ADDRESS: await server.listen(),
    ...{ TEMPORAL_DEPLOYMENT_NAME: 'shop', TEMPORAL_WORKER_BUILD_ID: 'abc' },
  })
  expect(await worker.said(/worker started/)).toContain('this Temporal knows no versions of workers')
  worker.child.kill('SIGTERM')
  server.release()
  expect((await worker.ended).code).toBe(0)
}, 60_000)

test('a worker whose settings cannot be used ends with 1 and says which', async () => {
  const worker = start({
    TEMPORAL_ADDRESS: '127.0.0.1:9',
    SMTP_URL: 'smtp://mail.example.com',
    ORDER_WEBHOOK_URL: 'ftp://erp.example.com',
  })
  await worker.said(/start again/)
  const { code, text } = await worker.ended
  expect(code).toBe(1)
  expect(text).toMatch(/ORDER_WEBHOOK_URL is not valid: it should be .*https:\/\/erp\.example\.com\/orders\n/)
  expect(text).toMatch(/MAIL_FROM is missing: it should be the sender of mails, needed with SMTP_URL/)
  expect(text).toMatch(/WEBHOOK_SECRET is missing/)
  expect(text).not.toContain('ftp://')
}, 30_000)
