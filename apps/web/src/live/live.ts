import {
  type ConnectionState,
  connectEvents,
  type EventsOptions,
  type ShopEvent,
} from '../../lib/events/connect.ts'

/** An event of the shop: an order changed ('order.paid' and so on) or a stock did ('stock.changed'). */
export type LiveEvent = ShopEvent
export type LiveState = ConnectionState

/** Receives events until it is closed. The position lives as long as the page: a page that is loaded asks anew anyway. */
export const connectLive = (options: EventsOptions): { close(): void } => connectEvents(options)
