import { hostname } from 'node:os'
import type { Database } from '../database.ts'
import { describeDatabaseError, hasPostgresCode } from '../database-error.ts'
import type { Env } from '../env.ts'

/** How far a refresh is: its phase in words, records and bytes so far, and the records to come where known. */
export type Progress = { phase: string; rows: number; rowsExpected?: number | undefined; bytes: number }

/** Who asked for a refresh. */
export type Trigger = 'request' | 'schedule'

export type RunningRun = {
  id: string
  phase: string
  rows: number
  rowsExpected: number | null
  bytes: number
  startedAt: Date
}

export type EndedRun = {
  id: string
  status: 'finished' | 'failed' | 'cancelled' | 'lost'
  failure: string | null
  finishedAt: Date
}

/** `waitingSince`: when one was asked for that no worker has begun yet. */
export type RunState = { running: RunningRun | null; last: EndedRun | null; waitingSince?: Date }

/** What a refresh has made: so many records in so many bytes. */
export type Made = { count: number; bytes: number }

/** Replaces the cache, in whatever way `swap` does it, unless the claim is lost or cancelled: then it rejects. */
export type Publish = <T extends Made>(swap: () => Promise<T>) => Promise<T>

/** The claim to the one refresh at a time, in table feed_runs. Every method rejects while PostgreSQL is away. */
export type FeedRuns = {
  /** Takes the claim; undefined if another refresh holds it. */
  begin(trigger: Trigger): Promise<bigint | undefined>
  /** Says that the run still goes on; answers whether it should. */
  heartbeat(id: bigint, progress: Progress): Promise<'running' | 'cancelled' | 'lost'>
  /** Calls `swap` while nobody can take the claim over, and notes the run as finished. */
  publish<T extends Made>(id: bigint, swap: () => Promise<T>): Promise<T>
  /** Notes the end of a run that is still ours; false if it is not. */
  finish(id: bigint, status: 'finished' | 'failed' | 'cancelled', failure?: string): Promise<boolean>
  /** Asks the run to stop; false if none goes on. */
  requestCancel(): Promise<boolean>
  state(): Promise<RunState>
}

/** A run that was silent for this long is over, whatever became of its process. */
export const LOST_AFTER_MS = 30_000
const LOST = 'its process was lost: it gave no sign of life for 30 s'
/** This many runs are kept, newest first. */
const KEPT = 100
const LOCK_NOT_AVAILABLE = '55P03'
/** The longest that a timer can wait. */
const NEVER_MS = 2_147_483_647

/** The claim was taken over by another process: nothing may be published any more. */
export class ClaimLostError extends Error {
  override name = 'ClaimLostError'
  override message = 'another process took the refresh over'
}

/** Somebody asked for the refresh to stop. */
export class RefreshCancelledError extends Error {
  override name = 'RefreshCancelledError'
  override message = 'cancelled on request'
}

/** `owner` tells people which process of which container a run belongs to. */
export function feedRuns(database: Database, owner: string, now: () => Date = () => new Date()): FeedRuns {
  const silentSince = () => new Date(now().getTime() - LOST_AFTER_MS)

  return {
    async begin(trigger) {
      const at = now()
      try {
        return await database.$transaction(async (transaction) => {
          // Whoever publishes holds its row: that is a refresh in progress, however long ago its heartbeat was.
          await transaction.$executeRaw`SET LOCAL lock_timeout = '1s'`
          await transaction.feedRun.updateMany({
            where: { status: 'running', heartbeatAt: { lt: silentSince() } },
            data: { status: 'lost', failure: LOST, finishedAt: at },
          })
          const [begun] = await transaction.$queryRaw<{ id: bigint }[]>`
            INSERT INTO feed_runs (owner, trigger, started_at, heartbeat_at) VALUES (${owner}, ${trigger}, ${at}, ${at})
            ON CONFLICT (status) WHERE status = 'running' DO NOTHING RETURNING id`
          if (begun) {
            await transaction.$executeRaw`
              DELETE FROM feed_runs WHERE id <= (SELECT id FROM feed_runs ORDER BY id DESC OFFSET ${KEPT} LIMIT 1)`
          }
          return begun?.id
        })
      } catch (error) {
        if (hasPostgresCode(error, LOCK_NOT_AVAILABLE)) return undefined
        throw error
      }
    },

    async heartbeat(id, { phase, rows, rowsExpected, bytes }) {
      const [run] = await database.feedRun.updateManyAndReturn({
        where: { id, status: 'running' },
        data: { heartbeatAt: now(), phase, rows, rowsExpected: rowsExpected ?? null, bytes },
        select: { cancelRequestedAt: true },
      })
      if (!run) return 'lost'
      return run.cancelRequestedAt ? 'cancelled' : 'running'
    },

    /**
     * Taking a claim over begins with an update of its row, which waits for this row lock; so from the look at the row
     * to the commit nobody else can begin, and what was taken over before is seen by the look. The lock must outlive
     * everything but the process: a process that is stopped right before `swap` and goes on a minute later would
     * otherwise replace the cache of its successor. Hence no limit on this transaction, neither in PostgreSQL nor in
     * the client; if the process ends, the kernel closes its connection, and that ends the lock.
     */
    async publish<T extends Made>(id: bigint, swap: () => Promise<T>): Promise<T> {
      let swapping = false
      let swapped: { meta: T } | undefined
      try {
        return await database.$transaction(
          async (transaction) => {
            await transaction.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = 0`
            const [run] = await transaction.$queryRaw<{ status: string; cancelled: boolean }[]>`
              SELECT status, cancel_requested_at IS NOT NULL AS cancelled FROM feed_runs WHERE id = ${id} FOR UPDATE`
            if (run?.status !== 'running') throw new ClaimLostError()
            if (run.cancelled) throw new RefreshCancelledError()
            swapping = true
            const meta = await swap()
            swapped = { meta }
            const { count: rows, bytes } = meta
            const data = { status: 'finished', phase: 'finished', rows, bytes, finishedAt: now() }
            await transaction.feedRun.update({ where: { id }, data })
            return meta
          },
          { maxWait: 3000, timeout: NEVER_MS },
        )
      } catch (error) {
        // The cache is replaced: if only the note of it failed, `finish` tries again, or the run counts as lost.
        if (swapped) return swapped.meta
        if (swapping || error instanceof ClaimLostError || error instanceof RefreshCancelledError) throw error
        throw new Error(`the claim could not be checked: ${describeDatabaseError(error)}`, { cause: error })
      }
    },

    async finish(id, status, failure) {
      const data = { status, failure: failure ?? null, finishedAt: now() }
      const { count } = await database.feedRun.updateMany({ where: { id, status: 'running' }, data })
      return count > 0
    },

    async requestCancel() {
      const { count } = await database.feedRun.updateMany({
        where: { status: 'running', heartbeatAt: { gte: silentSince() } },
        data: { cancelRequestedAt: now() },
      })
      return count > 0
    },

    async state() {
      const newest = await database.feedRun.findMany({ orderBy: { id: 'desc' }, take: 2 })
      const since = silentSince()
      const alive = newest.find((run) => run.status === 'running' && run.heartbeatAt >= since)
      const ended = newest.find((run) => run !== alive)
      return { running: alive ? runningOf(alive) : null, last: ended ? endedOf(ended) : null }
    },
  }
}

/** This process, as the record of runs names it. */
export const thisProcess = (env: Pick<Env, 'ECOMWEB_ROLE' | 'ECOMWEB_COLOUR'>): string =>
  [env.ECOMWEB_ROLE, env.ECOMWEB_COLOUR, hostname(), process.pid].filter(Boolean).join(' ')

type Row = NonNullable<Awaited<ReturnType<Database['feedRun']['findFirst']>>>

const runningOf = ({ id, phase, rows, rowsExpected, bytes, startedAt }: Row): RunningRun => ({
  ...{ id: String(id), phase, rows, rowsExpected, startedAt },
  bytes: Number(bytes),
})

/** A run that fell silent is shown as lost before somebody who begins the next one has marked it. */
const endedOf = ({ id, status, failure, finishedAt, heartbeatAt }: Row): EndedRun => ({
  id: String(id),
  status: status === 'running' ? 'lost' : (status as EndedRun['status']),
  failure: status === 'running' ? LOST : failure,
  finishedAt: finishedAt ?? heartbeatAt,
})
