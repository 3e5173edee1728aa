import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeVersion } from '../apps/core/feed/writer.ts'
import { KitError } from '../scripts/errors.ts'
import { apiService } from '../scripts/stack/colours.ts'
import { writeConfigurations } from './edge/configuration.ts'
import { ask, askAtOnce, askFirst, percentile, type Question } from './feed/client.ts'
import { startDownloads } from './feed/downloads.ts'
import { type Asked, GOALS_MS, judged, judgedRatio } from './feed/goals.ts'
import { installVersion } from './feed/install.ts'
import { orderRecords, RECORDS } from './feed/records.ts'
import { type Rival, startRivals } from './feed/rivals.ts'
import { describeThrottling, throttlingOf } from './feed/throttling.ts'
import { measure } from './program.ts'
import { containerOf, liveColour, runningStack } from './stack.ts'

const FILES = { identity: 'data.json', gzip: 'data.json.gz', zstd: 'data.json.zst' } as const
const FORMS = ['identity', 'gzip', 'zstd', '304'] as const
type Form = (typeof FORMS)[number]

await measure({
  name: 'feed',
  about: `Measures the data feed of a running stack through its HAProxy with 102,052 orders of 81 MB: the time to the first
byte and to the end of /fetch-data, whole in three encodings and as 304, by one client and by many; the same files from
nginx, and as a handler serves them that parses and serialises for each request, both behind a HAProxy with the same
rules; and the time to the first byte of small and large answers (99th percentile) while many clients download,
beside that of a single byte of nginx while as many download from it.

The version that is current in the stack is put back at the end. Needs root, about 500 MB of disk, and in the
environment, as FEED_API_KEY, a key that the stack accepts. nginx and the handler run in containers of their own (label
ecomweb.bench=feed). Clients run on the same processors as all they ask.`,
  flags: {
    url: { default: '', help: "where the stack answers; by default its HAProxy's own address" },
    rounds: { default: 5, most: 100, help: 'rounds of all downloads' },
    clients: { default: 50, most: 500, help: 'clients that download at once' },
    requests: { default: 1000, most: 10_000, help: 'requests of each kind while they download' },
    records: { default: RECORDS, most: 2_000_000, help: 'orders' },
    haproxy: { default: 'haproxy:3.2', help: 'the image in front of nginx' },
  },
  async run(kit, { root, url, rounds, clients, requests, records, haproxy }) {
    const { runner, results, atEnd, say, signal } = kit
    // Not a flag: those are saved with the results.
    const key = process.env.FEED_API_KEY
    if (!key) throw new KitError('no key was given', { next: 'FEED_API_KEY=… node bench/feed.ts' })
    const { containers } = await runningStack(runner, root)
    const base = url || `http://${containerOf(containers, 'ecomweb_haproxy').address}:8080`

    const folder = mkdtempSync('/var/tmp/ecomweb-bench-feed-')
    atEnd(async () => rmSync(folder, { recursive: true, force: true }))
    const began = performance.now()
    const meta = await writeVersion(folder, orderRecords(records), {
      expected: records,
      now: () => new Date(),
      signal,
    })
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    const sizes = Object.entries(meta.encodings).map(([name, { bytes }]) => `${name} ${bytes}`)
    results.facts.data = `${meta.count} orders, ${sizes.join(', ')} bytes; written in ${seconds} s`
    say(results.facts.data)
    const api = containerOf(containers, apiService(liveColour(root))).name
    atEnd(await installVersion(runner, api, { folder, id: meta.id }))
    const folders = writeConfigurations(root)
    atEnd(async () => folders.remove())
    const { nginx, handler } = await startRivals(kit, {
      version: join(folder, 'versions', meta.id),
      folders,
      haproxy,
    })

    const keyed = { 'x-api-key': key }
    const ours = async (form: Form): Promise<Question> => {
      const headers = { ...keyed, 'accept-encoding': form === '304' ? 'identity' : form }
      return conditional({ url: `${base}/fetch-data`, headers, status: 200 }, form)
    }
    const theirs = async ({ url, headers }: Rival, form: Form): Promise<Question> => {
      const file = FILES[form === '304' ? 'identity' : form]
      return conditional({ url: `${url}/${file}`, headers, status: 200 }, form)
    }
    const record = async (name: string, question: Question, many: number) => {
      const { firstMs, totalMs } = await askAtOnce(question, many)
      const series = `${name}, ${many} client${many === 1 ? '' : 's'}`
      results.add('ms', { [`${series}: first byte`]: firstMs, [`${series}: total`]: totalMs })
    }
    const last = `feed, 304, ${clients} clients: total`
    while (results.count(last) < rounds) {
      // Whoever comes later finds a warmer machine, so each is first in turn.
      const turn = results.count(last) % 2 === 0
      for (const many of [1, clients]) {
        for (const form of FORMS) {
          const pair: [string, Question][] = [
            [`nginx, ${form}`, await theirs(nginx, form)],
            [`feed, ${form}`, await ours(form)],
          ]
          for (const [name, question] of turn ? pair : pair.toReversed()) await record(name, question, many)
        }
      }
      say(`${results.count(last)} of ${rounds} rounds`)
    }
    const anew = await theirs(handler, 'identity')
    // With fifty bodies of 81 MB in its memory at once it answers nobody any more.
    for (const many of [1, Math.min(clients, 4)]) {
      if (results.count(`parsed and serialised, ${many} client${many === 1 ? '' : 's'}: total`) === 0)
        await record('parsed and serialised', anew, many)
    }
    for (const form of FORMS) {
      for (const many of ['1 client', `${clients} clients`]) {
        const [feed, limit] = ['feed', 'nginx'].map((name) => `${name}, ${form}, ${many}: total`)
        results.facts[`${form}, ${many}, feed / nginx`] = judgedRatio(results, `${feed}`, `${limit}`)
      }
    }

    const stream = { url: `${base}/fetch-data?stream=true`, headers: keyed, status: 200 }
    const small: Record<Asked, () => Promise<{ firstMs: number }>> = {
      '/health': () => ask({ url: `${base}/health`, headers: {}, status: 200 }),
      '/status': () => ask({ url: `${base}/status`, headers: keyed, status: 200 }),
      '/fetch-data': async () => askFirst(await ours('identity')),
      'first streamed event': () => askFirst(stream),
    }
    // What these processors allow whoever answers: nginx, with as many downloads of its own.
    const floor = `a byte of nginx beside ${clients} downloads from it: first byte`
    if (results.count(floor) < requests) {
      const whole = await theirs(nginx, 'identity')
      const byte = { ...whole, headers: { ...whole.headers, range: 'bytes=0-0' }, status: 206 }
      const downloads = await startDownloads(whole, clients)
      atEnd(downloads.stop)
      while (results.count(floor) < requests) results.add('ms', { [floor]: (await ask(byte)).firstMs })
      await downloads.stop()
    }
    results.facts['a byte of nginx, p99'] = `${percentile(results.samples(floor), 0.99).toFixed(1)} ms`
    const downloads = await startDownloads(await ours('identity'), clients)
    atEnd(downloads.stop)
    const start = performance.now()
    const before = await throttlingOf(runner, api)
    for (const asked of Object.keys(GOALS_MS) as Asked[]) {
      const name = `${asked} beside ${clients} downloads: first byte`
      while (results.count(name) < requests) results.add('ms', { [name]: (await small[asked]()).firstMs })
      results.facts[`${asked}, p99`] = judged(asked, results.samples(name))
    }
    results.facts["the API's limit of processor time meanwhile"] = describeThrottling(
      before,
      await throttlingOf(runner, api),
    )
    const { bodies, bytes } = downloads.taken()
    const rate = bytes / 1e6 / ((performance.now() - start) / 1000)
    results.facts['downloads meanwhile'] = `${bodies} bodies, ${rate.toFixed(0)} MB/s`
  },
})

/** For 304 the same with the tag that the first answer has. */
async function conditional(question: Question, form: Form): Promise<Question> {
  if (form !== '304') return question
  const response = await fetch(question.url, { method: 'HEAD', headers: question.headers })
  const tag = response.headers.get('etag') ?? ''
  return { ...question, headers: { ...question.headers, 'if-none-match': tag }, status: 304 }
}
