import { setTimeout as sleep } from 'node:timers/promises'
import type { Request, Response } from 'express'
import type { OpenFile } from '../../core/feed/cache.ts'
import { spliceFor } from '../../core/feed/splice.ts'
import type { Drainable } from '../events/drain.ts'
import { streamHeaders } from '../events/sse.ts'
import { encodingFor, openData } from './download.ts'
import { EventWriter } from './event-writer.ts'
import type { FeedParts, RefreshState } from './ports.ts'
import { ClientGoneError, Sender } from './send.ts'

const HEARTBEAT_MS = 15_000

/**
 * GET /fetch-data?stream=true: an event with the version that there is, and if a refresh was asked for or goes on, one
 * with the next version or with why there is none. It ends with `done`, or when the streams of this process are drained:
 * then with a retry hint, after the event that is under way.
 */
export async function streamData(
  request: Request,
  response: Response,
  parts: FeedParts,
  wanted: { refresh: boolean },
): Promise<void> {
  // zstd would have to begin anew with each version.
  const encoding = encodingFor(request, ['gzip', 'identity'] as const)
  const first = await openData(parts.cache, encoding)
  response.set({ ...streamHeaders, Vary: 'Accept-Encoding' })
  if (encoding === 'gzip') response.set('Content-Encoding', 'gzip')
  if (request.method === 'HEAD') {
    await first.handle.close()
    return void response.end()
  }

  const leaving = new AbortController()
  const stream: Drainable = { kind: 'stream', end: () => leaving.abort() }
  response.on('close', () => leaving.abort())
  const events = new EventWriter(new Sender(response), spliceFor(encoding))
  const send = async (type: string, file: OpenFile) => {
    await events.payload(type, file).finally(() => file.handle.close())
    return file.meta.id
  }

  const work = async () => {
    // The refresh is asked for while the client already receives what there is.
    const begun = begin(parts, wanted.refresh)
    const version = await send('cached', first)
    const { state, message } = await begun
    if (message) await events.message({ type: 'error', message })
    else if (wanted.refresh || (state !== 'unknown' && state.running)) {
      const outcome = parts.watch.outcome({ version, state }, leaving.signal)
      await beatUntil(outcome, events, leaving.signal)
      if (leaving.signal.aborted) return void response.end(events.goodbye())
      const news = await outcome
      if (!news.updated) await events.message({ type: 'error', message: news.message })
      else await openData(parts.cache, encoding).then((file) => send('updated', file))
    }
    await events.message({ type: 'done' })
    response.end(events.close())
  }
  await parts.streams.serve(stream, work).catch((error) => {
    if (!(error instanceof ClientGoneError)) throw error
    response.destroy()
  })
}

type Begun = { state: RefreshState | 'unknown'; message?: string }

async function begin({ refresh }: FeedParts, wanted: boolean): Promise<Begun> {
  const state = await refresh.state().catch(() => 'unknown' as const)
  if (!wanted) return { state }
  return refresh.trigger().then(
    () => ({ state }),
    () => ({ state, message: 'Background refresh could not be triggered' }),
  )
}

/** Keeps the connection alive for everyone on the way until the outcome is there or the stream has to end. */
async function beatUntil(outcome: Promise<unknown>, events: EventWriter, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  void outcome.finally(() => over.abort()).catch(() => {})
  while (await sleep(HEARTBEAT_MS, true, { signal: either }).catch(() => false)) await events.beat()
}
