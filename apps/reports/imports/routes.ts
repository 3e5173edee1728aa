import { type Request, Router } from 'express'
import { z } from 'zod'
import { HttpError } from '../../api/errors.ts'
import { pageQuery } from '../../api/pagination.ts'
import { unlessSilent } from '../../api/uploads/silence.ts'
import { actorOf } from '../actor.ts'
import type { ReportsParts } from '../assemble.ts'
import { type KindName, kinds } from './kinds.ts'
import { listImports } from './list.ts'
import { type Importing, storeRows, tryRows } from './store.ts'
import { MOST_BYTES, receive, tooLarge } from './text.ts'

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true')
const uploadQuery = z.object({ partial: flag, dry_run: flag })
const listQuery = pageQuery(100_000)

/** Between two pieces of an upload. */
const SILENCE_MS = 20_000

/**
 * GET /: imports, the newest first. POST /:kind: store the rows of a CSV file, all or nothing; with partial=true those
 * that can be, with dry_run=true none: the answer is the same, but 200. Errors: 422 with `errors` for the first rows
 * that cannot be stored and how many they are, `rejected`.
 */
export function importRoutes({
  database,
  cache,
  now,
}: Pick<ReportsParts, 'database' | 'cache' | 'now'>): Router {
  return Router()
    .get('/', async (request, response) => {
      response.json(await listImports(database, listQuery.parse(request.query)))
    })
    .post('/:kind', async (request: Request<{ kind: string }>, response) => {
      const name = kindOf(request.params.kind)
      const actor = actorOf(request as Request)
      const { partial, dry_run } = uploadQuery.parse(request.query)
      const file = await receive(bodyOf(request))
      const importing: Importing = { name, actor, requestId: String(request.id), at: now(), partial }
      if (dry_run) return void response.json(await tryRows(database, importing, file))
      const stored = await storeRows(database, importing, file)
      await cache.empty()
      response.status(201).json(stored)
    })
}

function kindOf(name: string): KindName {
  if (Object.hasOwn(kinds, name)) return name as KindName
  throw new HttpError(404, `there is no import of ${name}, but of ${Object.keys(kinds).join(', ')}`)
}

/** Errors: 415 for another type than CSV, 413 for too much, 408 when it stops coming. */
function bodyOf(request: Request<{ kind: string }>): AsyncIterable<Uint8Array> {
  if (!request.is('text/csv')) throw new HttpError(415, 'the body should be CSV, with Content-Type: text/csv')
  if (Number(request.get('content-length') ?? 0) > MOST_BYTES) throw tooLarge()
  // Not destroyed when reading ends early: the answer still has to go out on its socket.
  return unlessSilent(request.iterator({ destroyOnReturn: false }), SILENCE_MS)
}
