import { rm } from 'node:fs/promises'
import { heartbeat } from '@temporalio/activity'
import type { Database } from '../../core/database.ts'
import { importFile } from '../../core/product-imports.ts'
import { type Row, readRows, unreadable } from './rows.ts'
import { beginImport, endImport, storeBatch } from './store.ts'

export type ImportParts = {
  database: Database
  /** The folder of uploads. */
  uploads: string
  /** Products have changed; never rejects. */
  changed: () => Promise<void>
  /** Tells Temporal how many rows are done. */
  progress?: (rows: number) => void
  batchRows?: number
  now?: () => Date
}

const BATCH_ROWS = 200

export type ImportActivities = ReturnType<typeof importActivities>

export function importActivities(parts: ImportParts) {
  const { database, uploads, changed, batchRows = BATCH_ROWS, now = () => new Date() } = parts
  const progress = parts.progress ?? ((rows: number) => heartbeat({ rows }))

  return {
    /** Goes on with an import from its last batch to the end; answers the number of rows that are done. */
    async importProducts(id: string): Promise<number> {
      let done = await beginImport(database, id, now())
      if (done === undefined) return 0
      const store = async (batch: Row[], from: number) => {
        await storeBatch(database, id, from, batch)
        progress(from + batch.length)
        await changed()
        return from + batch.length
      }
      let batch: Row[] = []
      try {
        for await (const row of readRows(importFile(uploads, id), done)) {
          batch.push(row)
          if (batch.length < batchRows) continue
          done = await store(batch, done)
          batch = []
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw unreadable('the uploaded table is gone')
        throw error
      }
      if (batch.length > 0) done = await store(batch, done)
      await endImport(database, id, now())
      await rm(importFile(uploads, id), { force: true })
      return done
    },

    /** Ends an import that cannot go on, with the reason in words. */
    async failProductImport(id: string, failure: string): Promise<void> {
      await endImport(database, id, now(), failure)
      await rm(importFile(uploads, id), { force: true })
    },
  }
}
