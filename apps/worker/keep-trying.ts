import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../core/log.ts'

const PAUSE_MS = 10_000

/** Does at last what may fail for a while, such as while Temporal is away; a failure is logged once. Never rejects. */
export async function keepTrying(
  what: string,
  act: () => Promise<string>,
  log: Pick<Log, 'info' | 'warn'>,
  pause: (ms: number) => Promise<unknown> = (ms) => sleep(ms, undefined, { ref: false }),
): Promise<void> {
  for (let failed = false; ; failed = true) {
    try {
      log.info(`${what}: ${await act()}`)
      return
    } catch (error) {
      if (!failed) log.warn({ err: error }, `${what} is not settled: trying again`)
      await pause(PAUSE_MS)
    }
  }
}
