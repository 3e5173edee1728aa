import { askTemporal, describeQueue, taskKinds } from '../status/temporal.ts'
import type { Look } from './decide.ts'

export type Backlog = Pick<Look, 'backlog' | 'ageMs' | 'added' | 'dispatched'>

/** Of Temporal's TaskQueueStats what is needed; its numbers of 64 bits are objects, absent ones null. */
export type Stats = {
  approximateBacklogCount?: { toString(): string } | null
  approximateBacklogAge?: { seconds?: { toString(): string } | null; nanos?: number | null } | null
  tasksAddRate?: number | null
  tasksDispatchRate?: number | null
}

/**
 * What waits in a task queue, its workflow tasks and activities together, of all versions of the workers. Errors: no
 * answer within two seconds, or a server that does not count (before 1.27).
 */
export async function readBacklog(address: string, namespace: string, queue: string): Promise<Backlog> {
  const both = await askTemporal(address, (service) =>
    Promise.all(taskKinds.map((kind) => describeQueue(service, namespace, queue, kind))),
  )
  return sum(
    both.map(({ stats }) => {
      if (stats) return stats
      throw new Error('it does not say how many tasks wait, as it does from version 1.27 on')
    }),
  )
}

/** Counts and rates of the kinds of tasks added up, and the age of the oldest. */
export const sum = (kinds: Stats[]): Backlog => ({
  backlog: kinds.reduce((all, { approximateBacklogCount }) => all + Number(approximateBacklogCount ?? 0), 0),
  ageMs: Math.max(0, ...kinds.map(ageOf)),
  added: kinds.reduce((all, { tasksAddRate }) => all + (tasksAddRate ?? 0), 0),
  dispatched: kinds.reduce((all, { tasksDispatchRate }) => all + (tasksDispatchRate ?? 0), 0),
})

const ageOf = ({ approximateBacklogAge: age }: Stats): number =>
  Math.round(Number(age?.seconds ?? 0) * 1000 + (age?.nanos ?? 0) / 1e6)
