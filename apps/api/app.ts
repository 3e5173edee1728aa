import express, { type Express } from 'express'
import type { Log } from '../core/log.ts'
import { type AccessTokens, authenticate } from './auth/principal.ts'
import { answerError, notFound } from './errors.ts'
import type { EventHub } from './events/hub.ts'
import { eventRoutes } from './events/routes.ts'
import { type HealthParts, healthRoutes } from './health/routes.ts'
import { orderRoutes } from './orders/routes.ts'
import type { OrderService } from './orders/service.ts'
import { productRoutes } from './products/routes.ts'
import type { ProductService } from './products/service.ts'
import { requestLog } from './request-log.ts'
import { uploadRoutes } from './uploads/routes.ts'
import type { UploadStore } from './uploads/store.ts'

export type AppParts = {
  log: Log
  tokens: AccessTokens
  health: HealthParts
  products: ProductService
  orders: OrderService
  events: EventHub
  uploads: UploadStore
}

/** Builds the application; it neither listens nor connects to anything. */
export function buildApp(parts: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  // Exactly one proxy, HAProxy, stands in front and writes X-Forwarded-For itself.
  app.set('trust proxy', 1)
  app.set('query parser', 'simple')

  app.use(requestLog(parts.log))
  app.use(healthRoutes(parts.health))
  app.use('/api', authenticate(parts.tokens))
  app.use('/api/products', productRoutes(parts.products))
  // Before the orders: /api/orders/events would otherwise be taken for the order named "events".
  app.use('/api/orders', eventRoutes(parts.events))
  app.use('/api/orders', orderRoutes(parts.orders))
  app.use('/api/uploads', uploadRoutes(parts.uploads))
  app.use(notFound)
  app.use(answerError)
  return app
}
