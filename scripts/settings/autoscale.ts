import { z } from 'zod'
import { duration } from './duration.ts'

/** A worker also sweeps up orders that nobody else starts, so there is always one. */
const workers = z.int('must be a whole number').min(1, 'must be 1 to 100').max(100, 'must be 1 to 100')

/** Settings under `x-ecomweb.autoscale`; durations in milliseconds. */
export const Autoscale = z
  .strictObject({
    /** The task queue of the image's workers. */
    queue: z.string('must be a name').min(1, 'must be a name').default('orders'),
    min: workers.default(1),
    max: workers.default(5),
    backlog_per_worker: z.int().min(1).default(50),
    target_wait: duration('30s'),
    idle: duration('2m'),
    interval: duration('5s'),
  })
  .refine(({ min, max }) => min <= max, { path: ['max'], error: 'must not be less than min' })
  .refine(({ target_wait }) => target_wait > 0, { path: ['target_wait'], error: 'must not be 0' })
  .refine(({ interval }) => interval >= 200, { path: ['interval'], error: 'must be at least 200ms' })

export type Autoscale = z.infer<typeof Autoscale>
