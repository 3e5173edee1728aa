import { Agent, type IncomingMessage, request } from 'node:http'
import { KitError } from '../../scripts/errors.ts'

/** What is asked of which server. */
export type Question = { url: string; headers: Record<string, string>; status: number }

/** Milliseconds from sending a request to the first byte of its answer's body (of its headers, without one) and to its end. */
export type Timing = { firstMs: number; totalMs: number; bytes: number }

/** Asks on a connection of its own and takes the whole answer. Errors: another status, or it is cut. */
export const ask = (question: Question): Promise<Timing> => exchange(question, { whole: true })

/** The same up to the first byte; then the connection is cut. */
export const askFirst = (question: Question): Promise<Timing> => exchange(question, { whole: false })

/** So many clients at once: the middle time to the first byte, and the time until all have everything. */
export async function askAtOnce(question: Question, clients: number): Promise<Timing> {
  const began = performance.now()
  const timings = await Promise.all(Array.from({ length: clients }, () => ask(question)))
  const first = timings.map(({ firstMs }) => firstMs)
  return {
    firstMs: percentile(first, 0.5),
    totalMs: performance.now() - began,
    bytes: timings.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** The smallest sample that at least this share of all do not exceed (nearest rank). Errors: no sample. */
export function percentile(samples: number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (found === undefined) throw new RangeError('no samples')
  return found
}

function exchange({ url, headers, status }: Question, { whole }: { whole: boolean }): Promise<Timing> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const since = () => performance.now() - began
    const agent = new Agent({ keepAlive: false })
    const done = (timing: Timing) => {
      agent.destroy()
      resolve(timing)
    }
    const receive = (response: IncomingMessage) => {
      const headersMs = since()
      if (response.statusCode !== status) {
        response.destroy()
        return reject(unexpected(url, status, response.statusCode))
      }
      let [firstMs, bytes] = [Number.NaN, 0]
      response.on('data', (chunk: Buffer) => {
        if (bytes === 0) firstMs = since()
        bytes += chunk.length
        if (whole) return
        response.destroy()
        done({ firstMs, totalMs: firstMs, bytes })
      })
      response.on('end', () => done({ firstMs: bytes > 0 ? firstMs : headersMs, totalMs: since(), bytes }))
      response.on('error', (error) => (whole ? reject(error) : undefined))
    }
    request(url, { headers, agent }, receive).on('error', reject).end()
  })
}

const unexpected = (url: string, wanted: number, found: number | undefined): KitError =>
  new KitError(`${url} was answered by ${found} instead of ${wanted}`, {
    next: found === 401 ? 'FEED_API_KEY=… with a key that the stack accepts' : `curl -i ${url}`,
  })
