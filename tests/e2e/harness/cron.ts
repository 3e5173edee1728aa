import type { Stack } from './stack.ts'

const MINUTE = 60_000

type Slot = { at: number; status: string; image: string }

/** Every slot of the job that runs each minute, oldest first. */
export async function cronSlots(stack: Stack, since = 0): Promise<Slot[]> {
  return await stack.rows<Slot>(
    `SELECT (extract(epoch FROM slot) * 1000)::bigint AS at, status, image
     FROM cron_run WHERE job = 'heartbeat' AND slot > to_timestamp(${since / 1000}) ORDER BY slot`,
  )
}

/** What is wrong with a history: minutes without a slot, slots twice, runs that failed. */
export function irregular(slots: readonly Slot[]): string[] {
  return slots.flatMap(({ at, status }, index) => {
    const before = slots[index - 1]?.at ?? at - MINUTE
    const name = new Date(at).toISOString()
    return [
      ...(at - before === MINUTE
        ? []
        : [`${name} comes ${(at - before) / MINUTE} minutes after the slot before`]),
      ...(status === 'failed' ? [`${name} failed`] : []),
    ]
  })
}
