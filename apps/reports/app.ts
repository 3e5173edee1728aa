import express, { type Express } from 'express'
import { answerError, notFound } from '../api/errors.ts'
import { answerHeaders } from '../api/headers.ts'
import { requestLog } from '../api/request-log.ts'
import { refuseOtherMethods } from '../api/routing.ts'
import type { ReportsParts } from './assemble.ts'
import { importRoutes } from './imports/routes.ts'
import { pricingRoutes } from './pricing/routes.ts'
import { reportRoutes } from './reports/routes.ts'

/** Builds the backend; it neither listens nor connects to anything. */
export function buildReports(parts: ReportsParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.use(requestLog(parts.log))
  app.use(answerHeaders(parts))
  app.get('/health', (_request, response) => {
    response.json({ status: 'ok' })
  })
  app.use('/reports', reportRoutes(parts))
  app.use('/pricing', pricingRoutes(parts))
  app.use('/imports', importRoutes(parts))
  app.use(refuseOtherMethods(app))
  app.use(notFound)
  app.use(answerError)
  return app
}
