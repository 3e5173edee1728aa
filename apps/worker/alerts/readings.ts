import type { Client } from '@temporalio/client'
import type { Database } from '../../core/database.ts'
import type { Reading } from './book.ts'
import { tasksThatWait } from './queue.ts'

/** Temporal's numbers for the two kinds of tasks in a task queue. */
const WORKFLOW_TASKS = 1
const ACTIVITY_TASKS = 2

/** What of a failure is news: what failed before is told already. */
const FAILED_WITHIN_MS = 15 * 60_000
const STUCK_AFTER_MS = 10 * 60_000
const OVERDUE_AFTER_MS = 15 * 60_000
const DEADLINE_MS = 5000

/** One thing that can be looked at; rejects while it cannot be. */
export type Source = { name: string; read: (now: Date) => Promise<Reading[]> }

/** Workflows that failed within a quarter of an hour, by Temporal's visibility, which lags by a second or so. */
export function failedWorkflows(client: Client): Source {
  return {
    name: 'failed workflows',
    async read(now) {
      const since = new Date(now.getTime() - FAILED_WITHIN_MS).toISOString()
      const query = `ExecutionStatus IN ('Failed', 'TimedOut') AND CloseTime > '${since}'`
      const { count } = await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.count(query),
      )
      const text = 'workflows failed within the last 15 minutes'
      return [{ alert: 'workflows.failed', value: count, raiseAt: 1, clearBelow: 1, text }]
    },
  }
}

/** Tasks that no worker has taken yet, and for how long the oldest of them has waited, in seconds. */
export function backlog(client: Client, namespace: string): Source {
  const waiting = (kind: typeof WORKFLOW_TASKS | typeof ACTIVITY_TASKS) =>
    client.withDeadline(Date.now() + DEADLINE_MS, () => tasksThatWait(client, namespace, kind))
  return {
    name: 'task queue',
    async read() {
      const both = await Promise.all([waiting(WORKFLOW_TASKS), waiting(ACTIVITY_TASKS)])
      const tasks = both.reduce((sum, one) => sum + one.tasks, 0)
      const seconds = Math.max(...both.map((one) => one.seconds))
      return [
        {
          ...{ alert: 'backlog.tasks', value: tasks, raiseAt: 1000, clearBelow: 200 },
          text: 'tasks wait for a worker',
        },
        {
          ...{ alert: 'backlog.age', value: seconds, raiseAt: 60, clearBelow: 15 },
          text: 'seconds is how long the oldest task has waited for a worker',
        },
      ]
    },
  }
}

/** Orders that should long have been over: whatever the cause, customers wait. */
export function stuckOrders(database: Database): Source {
  return {
    name: 'orders',
    async read(now) {
      const createdAt = { lt: new Date(now.getTime() - STUCK_AFTER_MS) }
      const where = { status: { in: ['pending', 'paid'] }, probe: false, createdAt }
      const value = await database.order.count({ where })
      const text = 'orders are not over after 10 minutes'
      return [{ alert: 'orders.stuck', value, raiseAt: 1, clearBelow: 1, text }]
    },
  }
}

/**
 * Mails that were refused or grew too old within the last hour, and mails that wait for a quarter of an hour. Only of use
 * where there is a mail server.
 */
export function undeliverableMails(database: Database): Source {
  return {
    name: 'mails',
    async read(now) {
      const hourAgo = new Date(now.getTime() - 3_600_000)
      const late = new Date(now.getTime() - OVERDUE_AFTER_MS)
      const [counted] = await database.$queryRaw<{ failed: number; overdue: number }[]>`
        SELECT (SELECT count(*) FROM mails
                WHERE status IN ('bounced', 'expired') AND next_attempt_at > ${hourAgo})::int
             + (SELECT count(*) FROM outgoing_mails
                WHERE status IN ('bounced', 'expired') AND next_attempt_at > ${hourAgo})::int AS failed,
               (SELECT count(*) FROM mails WHERE status = 'queued' AND created_at < ${late})::int
             + (SELECT count(*) FROM outgoing_mails WHERE status = 'queued' AND created_at < ${late})::int AS overdue`
      const { failed = 0, overdue = 0 } = counted ?? {}
      return [
        {
          ...{ alert: 'mails.undeliverable', value: failed, raiseAt: 1, clearBelow: 1 },
          text: 'mails were refused for good, or grew too old, within the last hour',
        },
        {
          ...{ alert: 'mails.overdue', value: overdue, raiseAt: 1, clearBelow: 1 },
          text: 'mails have waited for more than 15 minutes',
        },
      ]
    },
  }
}
