/** What the API and the workflow of orders say to each other; the workflow's sandbox loads it too. */

/** The steps of an order, in their order. */
export const stepNames = ['reserve', 'pay', 'mail', 'ship'] as const

/** How it stands with a step; `at` is the moment at which that began, as ISO 8601. */
export type Step = {
  name: (typeof stepNames)[number]
  state: 'done' | 'running' | 'waiting' | 'undone' | 'failed'
  at?: string
}

/** Signals to the workflow of an order. */
export const orderSignals = ['cancel', 'refund'] as const
export type OrderSignal = (typeof orderSignals)[number]

/** The query that answers `Step[]`. */
export const PROGRESS_QUERY = 'progress'
