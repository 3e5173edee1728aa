import { classesOf, type Mix, type RunningLoad, startLoad } from '../../load/mixed.ts'
import { accessTo } from './access.ts'
import { databaseLedger } from './ledger.ts'
import type { Stack } from './stack.ts'
import { waitUntil } from './wait.ts'

/**
 * A little of every class but the slow requests, 31 requests a second: enough to see a loss, and little enough that a
 * deploy beside it on two cores does not mostly wait for it.
 */
export const LIGHT: Partial<Mix> = {
  keepAlive: { workers: 4, perSecond: 20 },
  newConnection: { workers: 2, perSecond: 10 },
  orders: { workers: 1, perSecond: 1 },
  slow: { workers: 0, perSecond: 0 },
  uploads: { clients: 2, takesMs: 2000 },
  eventStreams: { clients: 2, lifeMs: 2000 },
  webSockets: { clients: 2, lifeMs: 2000 },
}

const NONE = { workers: 0, clients: 0, perSecond: 0, lifeMs: 0, takesMs: 0 }

/**
 * 200 requests a second by some 270 customers, so that a canary of 5 % gets a dozen of them. Of all requests 91 % read
 * products, 4 % look orders up, 3 % place one, 1 % upload a picture, 1 % open a stream.
 */
export const BUSY: Partial<Mix> = {
  keepAlive: { workers: 100, perSecond: 120 },
  newConnection: { workers: 60, perSecond: 62 },
  orders: { workers: 40, perSecond: 6 },
  lookUps: { workers: 50, perSecond: 8 },
  slow: NONE,
  uploads: { clients: 8, takesMs: 4000 },
  eventStreams: { clients: 5, lifeMs: 5000 },
  webSockets: { clients: 5, lifeMs: 5000 },
}

/** One request in 5 seconds, nearly each by another customer: half of them read products over a kept connection. */
export const QUIET: Partial<Mix> = {
  keepAlive: { workers: 20, perSecond: 0.1 },
  newConnection: { workers: 8, perSecond: 0.04 },
  orders: { workers: 6, perSecond: 0.03 },
  lookUps: { workers: 6, perSecond: 0.03 },
  slow: NONE,
  uploads: NONE,
  eventStreams: NONE,
  webSockets: NONE,
}

/** Starts a load on the stack, audited against its database, and waits until every class has begun. */
export async function loadOn(stack: Stack, mix: Partial<Mix> = {}, maxSeconds = 600): Promise<RunningLoad> {
  const access = accessTo(stack)
  // Now, while nothing is wrong yet: its streams should not depend on signing in during what is tested.
  await access.token()
  const load = startLoad({ url: stack.url, access, mix, maxSeconds, ledger: databaseLedger(stack) })
  const { tallies, failures } = load.recorder
  await waitUntil('every class of the load has begun', () => {
    if (failures[0]) throw new Error(`it failed at once: ${JSON.stringify(failures[0])}`)
    return classesOf(mix).every((name) => (tallies.get(name)?.begun ?? 0) > 0)
  })
  return load
}
