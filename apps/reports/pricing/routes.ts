import { type Request, Router } from 'express'
import { z } from 'zod'
import { HttpError } from '../../api/errors.ts'
import { jsonBody } from '../../api/json-body.ts'
import { pageQuery } from '../../api/pagination.ts'
import { productCache } from '../../api/products/cache.ts'
import type { ReportsParts } from '../assemble.ts'
import { byOf } from './by.ts'
import { execute } from './execute.ts'
import { look, toPreview } from './preview.ts'
import { ruleStore } from './rule-store.ts'
import { newRule, selection } from './rules.ts'
import { listRuns, readRun } from './runs.ts'
import { undo } from './undo.ts'

const execution = selection.extend({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/) })
const paging = pageQuery()

type Parts = Pick<ReportsParts, 'database' | 'redis' | 'cache' | 'now'>
type Named = Request<{ id: string }>

/**
 * GET, POST /rules; PUT, DELETE /rules/:id. POST /preview: what the rules would do now. POST /execute-updates: do what
 * a preview showed. GET /runs, /runs/:id: what was done. POST /runs/:id/undo: take it back.
 */
export function pricingRoutes({ database, redis, cache, now }: Parts): Router {
  const rules = ruleStore(database)
  const catalogue = productCache(redis)
  // Neither fails: what Redis does not forget now it forgets when it is back. Also after a repeated request, since the
  // process that answered the first one may have ended before it came to this.
  const outdate = () => Promise.all([catalogue.empty(), cache.empty()])

  return Router()
    .get('/rules', async (_request, response) => {
      response.json({ rules: await rules.list() })
    })
    .post('/rules', body, async (request, response) => {
      const rule = await rules.create(newRule.parse(request.body ?? {}), byOf(request))
      response.status(201).json({ rule })
    })
    .put('/rules/:id', body, async (request: Named, response) => {
      const id = idOf(request, 'rule')
      response.json({
        rule: await rules.replace(id, newRule.parse(request.body ?? {}), byOf(request), now()),
      })
    })
    .delete('/rules/:id', async (request: Named, response) => {
      await rules.remove(idOf(request, 'rule'), byOf(request))
      response.status(204).end()
    })
    .post('/preview', body, async (request, response) => {
      const { rule_ids } = selection.parse(request.body ?? {})
      response.json(toPreview(await look(database, rule_ids, now())))
    })
    .post('/execute-updates', body, async (request, response) => {
      const key = keyOf(request)
      const by = byOf(request)
      const run = await execute(database, execution.parse(request.body ?? {}), key, by, now())
      await outdate()
      response.json({ run })
    })
    .get('/runs', async (request, response) => {
      response.json(await listRuns(database, paging.parse(request.query)))
    })
    .get('/runs/:id', async (request: Named, response) => {
      response.json(await readRun(database, idOf(request, 'run')))
    })
    .post('/runs/:id/undo', async (request: Named, response) => {
      const { run, kept } = await undo(database, idOf(request, 'run'), byOf(request), now())
      await outdate()
      response.json({ run, kept })
    })
}

const body = jsonBody()

function idOf({ params: { id } }: Named, what: string): string {
  if (!z.uuid().safeParse(id).success) throw new HttpError(404, `there is no pricing ${what} ${id}`)
  return id
}

function keyOf(request: Request): string {
  const key = request.get('idempotency-key') ?? ''
  if (!/^[A-Za-z0-9._-]{8,128}$/.test(key)) {
    throw new HttpError(400, 'Idempotency-Key should be 8 to 128 of the characters A-Z a-z 0-9 . _ -')
  }
  return key
}
