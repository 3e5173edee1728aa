import { KitError } from '../errors.ts'
import { poll } from '../stack/wait.ts'
import type { World } from '../world.ts'

/** How a step waits: `world.until`, which an interruption ends; or, in an undo, one that it does not. */
export type Wait = World['until']

/** For an undo: what was begun is brought back also after a Ctrl-C. */
export const steadfast =
  ({ clock }: Pick<World, 'clock'>): Wait =>
  async (what, look, { timeoutMs, intervalMs = 500, missing }) => {
    const found = await poll(look, { timeoutMs, intervalMs, clock })
    if (found !== undefined) return found
    throw new KitError(`${what}: not within ${Math.round(timeoutMs / 1000)} s`, {
      ...(missing ? { why: missing() } : {}),
      next: './ecomweb workers status',
    })
  }
