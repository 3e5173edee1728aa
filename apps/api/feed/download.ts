import type { Request, Response } from 'express'
import type { FeedMeta, OpenFile } from '../../core/feed/cache.ts'
import { ENCODINGS, type FeedEncoding, spliceFor } from '../../core/feed/splice.ts'
import { partOf } from './conditions.ts'
import { chooseEncoding } from './encoding.ts'
import { FeedError, noData, unreadable } from './errors.ts'
import type { FeedParts, FeedRefresh } from './ports.ts'
import { ClientGoneError, Sender } from './send.ts'
import { within } from './within.ts'

/** How long an answer waits for the refresh that it tells of. */
const TRIGGER_LIMIT_MS = 2000

/** GET /fetch-data: the body as it is on disk, or none of it, or the part that was asked for. */
export async function sendData(request: Request, response: Response, { cache }: FeedParts): Promise<void> {
  const encoding = encodingFor(request, ENCODINGS)
  const begin = (meta: FeedMeta) => {
    for (const name of ['Content-Range', 'Content-Length']) response.removeHeader(name)
    describe(response, meta, encoding)
    const part = partOf(request, response, meta.encodings[encoding].bytes)
    response.status(part.status)
    if (part.status !== 304) response.setHeader('Content-Length', part.to - part.from)
    return part
  }
  // Opening and closing a file takes several times as long as all else of an answer without a body.
  if (begin(await currentMeta(cache)).status === 304 || request.method === 'HEAD') return void response.end()
  await withFile(cache, encoding, async ({ meta, handle }) => {
    const { from, to } = begin(meta)
    await toClient(response, (sender) => sender.file(handle, from, to))
  })
}

/** The same with `_info` in front, which says what became of the refresh that was asked for. */
export async function sendDataAndRefresh(
  request: Request,
  response: Response,
  { cache, refresh }: FeedParts,
): Promise<void> {
  const encoding = encodingFor(request, ENCODINGS)
  // A look at the headers starts nothing.
  const info = request.method === 'HEAD' ? '' : await triggered(refresh)
  await withFile(cache, encoding, async ({ meta, stored, handle }) => {
    describe(response, meta, encoding)
    for (const name of ['ETag', 'Last-Modified', 'Accept-Ranges']) response.removeHeader(name)
    response.setHeader('Cache-Control', 'private, no-store')
    if (request.method === 'HEAD') return void response.end()
    const splice = spliceFor(encoding)
    const head = Buffer.concat([splice.open(), splice.text(`{"_info":${JSON.stringify(info)},`)])
    splice.passed({ bytes: meta.bytes - 1, crc32: meta.rest_crc32 })
    const tail = splice.close()
    const tailBytes = stored.bytes - stored.end
    response.setHeader('Content-Length', head.length + (stored.end - stored.rest) + tail.length)
    if (tailBytes !== tail.length) throw unreadable(new Error(`${stored.file} ends in another way`))
    await toClient(response, async (sender) => {
      await sender.write(head)
      await sender.file(handle, stored.rest, stored.end)
      await sender.write(tail)
    })
  })
}

/** Errors: 406 if the client accepts none of those that there are. */
export function encodingFor<E extends FeedEncoding>(request: Request, offered: readonly E[]): E {
  const encoding = chooseEncoding(request.get('accept-encoding'), offered)
  if (encoding) return encoding
  throw new FeedError(406, `Not Acceptable: there are ${offered.join(', ')}`)
}

/** Errors: 503 without a version, 500 if it cannot be read. */
async function currentMeta(cache: FeedParts['cache']): Promise<FeedMeta> {
  const meta = await cache.meta().catch((error) => {
    throw unreadable(error)
  })
  if (!meta) throw noData()
  return meta
}

/** Errors: 503 without a version, 500 if it cannot be read. */
export async function openData(cache: FeedParts['cache'], encoding: FeedEncoding): Promise<OpenFile> {
  const file = await cache.open(encoding).catch((error) => {
    throw unreadable(error)
  })
  if (!file) throw noData()
  return file
}

async function withFile(
  cache: FeedParts['cache'],
  encoding: FeedEncoding,
  work: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const file = await openData(cache, encoding)
  await work(file).finally(() => file.handle.close())
}

function describe(response: Response, meta: FeedMeta, encoding: FeedEncoding): void {
  response.set({
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept-Encoding',
    // An id names one version, whose bytes never change.
    ETag: `"${meta.id}-${encoding}"`,
    'Last-Modified': new Date(meta.updated_at).toUTCString(),
    'Accept-Ranges': 'bytes',
    ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
  })
}

/** A client that goes away ends the answer, and is nobody's failure. */
async function toClient(response: Response, send: (sender: Sender) => Promise<void>): Promise<void> {
  try {
    await send(new Sender(response))
    response.end()
  } catch (error) {
    if (!(error instanceof ClientGoneError)) throw error
    response.destroy()
  }
}

async function triggered(refresh: FeedRefresh): Promise<string> {
  try {
    return `Background refresh ${await within(TRIGGER_LIMIT_MS, refresh.trigger())}`
  } catch {
    return 'Background refresh could not be triggered'
  }
}
