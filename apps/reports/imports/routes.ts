import { type Request, Router } from 'express'
import { z } from 'zod'
import { HttpError } from '../../api/errors.ts'
import { pageQuery } from '../../api/pagination.ts'
import { unlessSilent } from '../../api/uploads/silence.ts'
import { actorOf } from '../actor.ts'
import type { ReportsParts } from '../assemble.ts'
import { checkProducts } from './check.ts'
import { type KindName, kinds } from './kinds.ts'
import { listImports } from './list.ts'
import { type Contents, readRows } from './read.ts'
import { type Importing, storeRows } from './store.ts'
import { MOST_BYTES, tooLarge } from './text.ts'

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
      const contents = await checkProducts(database, await readRows(bodyOf(request), kinds[name]))
      refuse(contents, partial)
      const importing: Importing = { name, actor, requestId: String(request.id), at: now() }
      if (dry_run) {
        response.json({ import: { id: null, ...tried(importing, contents) }, errors: contents.errors })
        return
      }
      const stored = await storeRows(database, importing, contents)
      await cache.empty()
      response.status(201).json({ import: stored, errors: contents.errors })
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

function refuse({ rows, entries, errors }: Contents, partial: boolean): void {
  const rejected = rows - entries.length
  if (rejected === 0 || (partial && entries.length > 0)) return
  const detail = `${rejected} of ${rows} rows cannot be stored, so none is: ${describe(errors[0])}`
  throw new HttpError(422, detail, undefined, undefined, { errors, rejected })
}

const describe = (error: Contents['errors'][number] | undefined): string =>
  error ? `row ${error.row}, ${error.column}: ${error.message}` : ''

const tried = ({ name, at }: Importing, { rows, entries }: Contents) => ({
  ...{ kind: name, rows, accepted: entries.length, rejected: rows - entries.length },
  created_at: at.toISOString(),
})
