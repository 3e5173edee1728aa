import express, { type Express } from 'express'
import type { Log } from '../core/log.ts'
import type { Accounts } from './accounts.ts'
import { adminRoutes } from './admin/routes.ts'
import { type AccessTokens, authenticate } from './auth/principal.ts'
import { authRoutes } from './auth/routes.ts'
import { crossOrigin } from './cross-origin.ts'
import { answerError, notFound } from './errors.ts'
import type { EventHub } from './events/hub.ts'
import { eventRoutes } from './events/routes.ts'
import type { FeedParts } from './feed/ports.ts'
import { feedRoutes } from './feed/routes.ts'
import { answerHeaders } from './headers.ts'
import { type HealthParts, healthRoutes } from './health/routes.ts'
import { importRoutes } from './imports/routes.ts'
import type { ProductImports } from './imports/service.ts'
import { limitWrites } from './limits/writes.ts'
import { openapiRoutes } from './openapi/routes.ts'
import { adminOrderRoutes, orderRoutes } from './orders/routes.ts'
import type { OrderService } from './orders/service.ts'
import { productAdminRoutes } from './products/admin-routes.ts'
import type { CatalogueEditor } from './products/editor.ts'
import { productRoutes } from './products/routes.ts'
import type { ProductService } from './products/service.ts'
import { type ReportsBackend, reportsProxy } from './reports-proxy/routes.ts'
import { requestLog } from './request-log.ts'
import { refuseOtherMethods, routesOf } from './routing.ts'
import type { Surface } from './surface.ts'
import { uploadRoutes } from './uploads/routes.ts'
import type { UploadStore } from './uploads/store.ts'
import { webClient } from './web/routes.ts'

export type AppParts = {
  log: Log
  tokens: AccessTokens
  health: HealthParts
  accounts: Accounts
  products: ProductService
  catalogue: CatalogueEditor
  orders: OrderService
  events: EventHub
  uploads: UploadStore
  feed: FeedParts
  reports: ReportsBackend
  imports: ProductImports
  surface: Surface
}

/** Builds the application; it neither listens nor connects to anything. */
export function buildApp(parts: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  // Exactly one proxy, HAProxy, stands in front and writes X-Forwarded-For itself.
  app.set('trust proxy', 1)
  app.set('query parser', 'simple')

  app.use(requestLog(parts.log))
  app.use(answerHeaders(parts.surface))
  app.use(['/api', '/reports-api'], crossOrigin(parts.surface.clientOrigins))
  const known = authenticate(parts.tokens)
  // Before the others: it is what is asked for most, and each that comes first is tried on the way.
  app.use('/api/products', productRoutes(parts.products, known))
  app.use(healthRoutes(parts.health))
  app.use(feedRoutes(parts.feed))
  app.use('/api', openapiRoutes(parts.health.about.version))
  const { accounts } = parts
  app.use('/api/auth', authRoutes(accounts))
  app.use(['/api', '/reports-api'], known)
  // Before anything that reads a body: it passes bodies on.
  app.use('/reports-api', reportsProxy(parts.reports))
  app.use('/api/orders', limitWrites(accounts.limits.orders, accounts.exempt))
  app.use('/api/uploads', limitWrites(accounts.limits.uploads, accounts.exempt))
  app.use('/api/admin', adminRoutes(accounts.admin))
  app.use('/api/products', productAdminRoutes(parts))
  // Before the orders: /api/orders/events would otherwise be taken for the order named "events".
  app.use('/api/orders', eventRoutes(parts.events))
  app.use('/api/orders', orderRoutes(parts.orders))
  app.use('/api/admin/orders', adminOrderRoutes(parts.orders))
  app.use('/api/uploads', uploadRoutes(parts.uploads))
  app.use('/api/admin/imports/products', importRoutes(parts.imports))
  // After all routes, since both are made from the list of them.
  app.use(webClient(parts.surface, routesOf(app)))
  app.use(refuseOtherMethods(app))
  app.use(notFound)
  app.use(answerError)
  return app
}
