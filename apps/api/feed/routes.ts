import { type Request, Router } from 'express'
import { sendData, sendDataAndRefresh } from './download.ts'
import { answerFeedError, FeedError } from './errors.ts'
import { requireKey } from './keys.ts'
import type { FeedParts } from './ports.ts'
import { statusOf } from './status.ts'
import { streamData } from './stream.ts'

/** The data feed: /status, /fetch-data, /refresh and /refresh/cancel, all of them for holders of a key. */
export function feedRoutes(parts: FeedParts): Router {
  const key = requireKey(parts.keyHashes)
  return Router()
    .get('/status', key, async (_request, response) => {
      response.json(await statusOf(parts))
    })
    .get('/fetch-data', key, async (request, response) => {
      const refresh = isTrue(request, 'refresh')
      if (isTrue(request, 'stream')) return streamData(request, response, parts, { refresh })
      return refresh ? sendDataAndRefresh(request, response, parts) : sendData(request, response, parts)
    })
    .post('/refresh', key, async (_request, response) => {
      response.status(202).json({ status: await parts.refresh.trigger() })
    })
    .post('/refresh/cancel', key, async (_request, response) => {
      if (!(await parts.refresh.cancel())) throw new FeedError(409, 'No refresh in progress')
      response.status(202).json({ status: 'cancelling' })
    })
    .use(answerFeedError)
}

function isTrue({ query }: Request, name: string): boolean {
  const value = query[name]
  return typeof value === 'string' && value.toLowerCase() === 'true'
}
