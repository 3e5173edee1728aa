import { heartbeat } from '@temporalio/activity'
import type { Database } from '../../core/database.ts'
import type { Log } from '../../core/log.ts'
import { tidyUploads } from './uploads.ts'

export type CleanUpParts = {
  database: Database
  /** The folder of uploads. */
  uploads: string
  keepUploadsDays: number | undefined
  log: Pick<Log, 'info'>
  alive?: () => void
  now?: () => Date
}

/** How long the record of an import is kept once it is over. */
const IMPORTS_KEPT_MS = 30 * 86_400_000

export type CleanUpActivities = ReturnType<typeof cleanUpActivities>

export function cleanUpActivities(parts: CleanUpParts) {
  const { database, uploads, keepUploadsDays, log, alive = () => heartbeat(), now = () => new Date() } = parts
  return {
    /** Answers how many files are gone. */
    async removeOrphanedUploads(): Promise<number> {
      const removed = await tidyUploads({
        ...{ database, directory: uploads, keepDays: keepUploadsDays },
        ...{ now: now(), looked: alive },
      })
      if (removed.length > 0) log.info({ files: removed }, 'removed files that nobody needs')
      return removed.length
    },

    /** Answers how many imports are forgotten. */
    async forgetFinishedImports(): Promise<number> {
      const finishedAt = { lt: new Date(now().getTime() - IMPORTS_KEPT_MS) }
      const { count } = await database.productImport.deleteMany({ where: { finishedAt } })
      return count
    },
  }
}
