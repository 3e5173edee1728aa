import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { feedFolder, write } from '../../core/feed/cache.fixture.ts'
import { KEY } from './feed.fixture.ts'

const CLIENTS = 50
const MOST = 64 * 1024 * 1024

async function* large(): AsyncGenerator<string> {
  // What cannot be compressed, so that each encoding is more than the sockets on the way hold.
  for (let id = 1; id <= 60_000; id++) {
    const noise = createHash('sha512').update(String(id)).digest('base64')
    yield JSON.stringify({ id, noise: noise.repeat(2) })
  }
}

/** Takes the body at its own slow pace, then at once, and answers its hash. */
async function slowly(response: IncomingMessage, released: Promise<void>): Promise<string> {
  const hash = createHash('sha256')
  let taken = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    hash.update(chunk)
    taken += chunk.length
    if (taken > 256 * 1024) await released
  }
  return hash.digest('hex')
}

test.each([
  ['identity', '', 'application/json'],
  ['gzip', '', 'application/json'],
  ['zstd', '?refresh=true', 'application/json'],
  ['identity', '?stream=true', 'text/event-stream'],
])(
  '50 slow clients in %s at /fetch-data%s raise the memory of a process by at most 64 MB',
  async (encoding, query, type) => {
    const dir = await feedFolder()
    const meta = await write(dir, large())
    const hash = createHash('sha256').update(KEY).digest('hex')
    const child = fork(join(import.meta.dirname, 'serving.ts'), [dir, hash], { execArgv: [] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]
    const memory = async () => {
      child.send('memory')
      const [{ rss }] = (await once(child, 'message')) as [{ rss: number }]
      return rss
    }
    const open = () =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const headers = { 'x-api-key': KEY, 'accept-encoding': encoding }
        const options = {
          host: '127.0.0.1',
          port,
          path: `/fetch-data${query}`,
          headers,
          agent: false as const,
        }
        request(options, resolve).on('error', reject).end()
      })
    const all = async (count: number, released: Promise<void>) =>
      (await Promise.all(Array.from({ length: count }, open))).map((one) => slowly(one, released))

    await Promise.all(await all(2, Promise.resolve()))
    const before = await memory()
    const gate = Promise.withResolvers<void>()
    const bodies = await all(CLIENTS, gate.promise)
    let most = await memory()
    gate.resolve()
    const hashes = new Set<string>()
    for (const body of bodies) {
      hashes.add(await body)
      most = Math.max(most, await memory())
    }
    expect(hashes.size).toBe(1)
    if (encoding === 'identity' && type === 'application/json') expect([...hashes]).toEqual([meta.sha256])
    console.log(`${encoding}${query}: ${((most - before) / 2 ** 20).toFixed(1)} MiB more`)
    expect(most - before).toBeLessThan(MOST)
  },
  60_000,
)
