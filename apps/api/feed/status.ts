import { unreadable } from './errors.ts'
import type { FeedParts, RefreshState } from './ports.ts'

/** What GET /status answers: the version that there is, and how the refresh stands. */
export async function statusOf({ cache, refresh }: FeedParts) {
  const [meta, state] = await Promise.all([
    cache.meta().catch((error) => {
      throw unreadable(error)
    }),
    refresh.state(),
  ])
  return {
    status: 'ok' as const,
    count: meta?.count ?? null,
    bytes: meta?.bytes ?? null,
    checksum: meta?.sha256 ?? null,
    updated_at: meta?.updated_at ?? null,
    refresh: state === 'unknown' ? { unknown: true as const } : inWords(state),
  }
}

function inWords({ running, waitingSince, last }: RefreshState) {
  return {
    in_progress: running !== null || waitingSince !== undefined,
    ...(running && {
      phase: running.phase,
      rows: running.rows,
      ...(running.rowsExpected !== null && { rows_expected: running.rowsExpected }),
      started_at: running.startedAt.toISOString(),
    }),
    ...(!running &&
      waitingSince && { phase: 'waiting for a worker', waiting_since: waitingSince.toISOString() }),
    last: last && {
      status: last.status,
      finished_at: last.finishedAt.toISOString(),
      ...(last.failure !== null && { failure: last.failure }),
    },
  }
}
