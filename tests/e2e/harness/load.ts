import { type Mix, type RunningLoad, startLoad } from '../../load/mixed.ts'
import { databaseLedger } from './ledger.ts'
import type { Stack } from './stack.ts'
import { waitUntil } from './wait.ts'

/** A little of every class but the slow requests: enough to see a loss, little enough to run beside anything. */
export const LIGHT: Partial<Mix> = {
  keepAlive: { workers: 4, perSecond: 40 },
  newConnection: { workers: 2, perSecond: 20 },
  orders: { workers: 1, perSecond: 2 },
  slow: { workers: 0, perSecond: 0 },
  uploads: { clients: 2, takesMs: 2000 },
  eventStreams: { clients: 2, lifeMs: 2000 },
  webSockets: { clients: 2, lifeMs: 2000 },
}

/** Starts a load on the stack, audited against its database, and waits until every class has begun. */
export async function loadOn(stack: Stack, mix: Partial<Mix> = {}, maxSeconds = 600): Promise<RunningLoad> {
  const load = startLoad({ url: stack.url, mix, maxSeconds, ledger: databaseLedger(stack) })
  const { tallies, failures } = load.recorder
  const off = (name: string): boolean => name === 'slow' && mix.slow?.workers === 0
  await waitUntil('every class of the load has begun', () => {
    if (failures[0]) throw new Error(`it failed at once: ${JSON.stringify(failures[0])}`)
    return [...tallies].every(([name, { begun }]) => begun > 0 || off(name))
  })
  return load
}
