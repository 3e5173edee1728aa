import { Router } from 'express'
import { z } from 'zod'
import { HttpError } from '../../api/errors.ts'
import { toAnswer } from '../../api/products/answer.ts'
import type { Served } from '../../api/products/service.ts'
import { shareWork } from '../../api/products/share-work.ts'
import type { ReportsParts } from '../assemble.ts'
import { advertising } from './advertising.ts'
import { toCsv } from './csv.ts'
import { customers } from './customers.ts'
import { inTurn } from './in-turn.ts'
import { margin } from './margin.ts'
import { products } from './products.ts'
import { type Range, rangeOf } from './range.ts'
import { compute, type Report } from './report.ts'
import { sales } from './sales.ts'

const reports: ReadonlyMap<string, Report> = new Map(
  Object.entries({ sales, products, customers, margin, advertising }),
)

const formatQuery = z.object({
  format: z.enum(['json', 'csv']).default('json'),
  table: z.string().optional(),
})

/**
 * GET /:report?from&to: a report over days in UTC. With format=csv a table of it, the first one unless `table` names
 * another. An answer may be five minutes old; X-Cache says whether it was just computed.
 */
export function reportRoutes({
  database,
  cache,
  now,
}: Pick<ReportsParts, 'database' | 'cache' | 'now'>): Router {
  const share = shareWork<Served>()
  const turn = inTurn()

  const serve = (name: string, report: Report, range: Range): Promise<Served> => {
    const key = `${name}:${range.from}:${range.to}`
    return share(key, async () => {
      const { answer, store } = await cache.look(key)
      if (answer) return { answer, cached: true }
      const { from, to } = range
      const computed = await turn(() => compute(database, report, range))
      const made = toAnswer({ from, to, ...computed })
      void store(made)
      return { answer: made, cached: false }
    })
  }

  return Router().get('/:report', async (request, response) => {
    const name = request.params.report
    const report = reports.get(name)
    if (!report) throw new HttpError(404, `there is no report ${name}, but ${[...reports.keys()].join(', ')}`)
    const { format, table } = formatQuery.parse(request.query)
    const csv = format === 'csv' ? tableOf(report, table) : undefined
    const range = rangeOf(request.query, now())
    const { answer, cached } = await serve(name, report, range)
    response.set('X-Cache', cached ? 'hit' : 'miss')
    if (!csv) {
      response.type('json').send(answer.body)
      return
    }
    const { columns, rows } = csv(JSON.parse(answer.body.toString()))
    response.attachment(`${name}-${range.from}-${range.to}.csv`).send(toCsv(columns, rows))
  })
}

function tableOf({ tables }: Report, wanted = Object.keys(tables)[0] ?? '') {
  const names = Object.keys(tables)
  const table = names.includes(wanted) ? tables[wanted] : undefined
  if (!table) throw new HttpError(400, `table: should be ${names.join(' or ')}`)
  return table
}
