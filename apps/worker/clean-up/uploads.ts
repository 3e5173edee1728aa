import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../../core/database.ts'
import { originalOf, pictureOf } from '../../core/pictures.ts'

export type TidyParts = {
  database: Database
  directory: string
  /** How long an upload is kept that no product shows; undefined: for ever. */
  keepDays: number | undefined
  now: Date
  /** Called after each file that was looked at. */
  looked: () => void
}

const DAY_MS = 86_400_000
/** So long after its last change nobody is working on a file any more. */
const ABANDONED_MS = 3_600_000

/**
 * Removes from the folder of uploads what nobody needs: sizes whose original is gone, tables whose import is over, files
 * of processes that died, and, if it is to keep them for a while only, uploads that no product shows. Answers the names.
 */
export async function tidyUploads({
  database,
  directory,
  keepDays,
  now,
  looked,
}: TidyParts): Promise<string[]> {
  const removed: string[] = []
  const age = async (name: string) => {
    const found = await stat(join(directory, name)).catch(() => undefined)
    return found?.isFile() ? now.getTime() - found.mtimeMs : undefined
  }
  const remove = async (name: string) => {
    await rm(join(directory, name), { force: true })
    removed.push(name)
  }

  const names = new Set(await filesIn(directory))
  const shown = keepDays === undefined ? new Set<string>() : await shownUploads(database)
  for (const name of names) {
    looked()
    const original = originalOf(name)
    const old = (await age(name)) ?? 0
    if (name.startsWith('.unfinished-')) {
      if (old > ABANDONED_MS) await remove(name)
    } else if (original !== undefined) {
      if (!names.has(original) && old > ABANDONED_MS) await remove(name)
    } else if (keepDays !== undefined && pictureOf(`/api/uploads/${name}`)) {
      if (!shown.has(name) && old > keepDays * DAY_MS) await remove(name)
    }
  }

  const running = await database.productImport.findMany({
    where: { status: { in: ['queued', 'running'] } },
    select: { id: true },
  })
  const needed = new Set(running.map(({ id }) => `${id}.csv`))
  for (const file of await filesIn(join(directory, 'imports'))) {
    looked()
    const name = join('imports', file)
    if (!needed.has(file) && ((await age(name)) ?? 0) > ABANDONED_MS) await remove(name)
  }
  return removed
}

/** The uploads that products show, those of products that left the shop too: their orders show them. */
async function shownUploads(database: Database): Promise<Set<string>> {
  const rows = await database.product.findMany({
    where: { imageUrl: { startsWith: '/api/uploads/' } },
    select: { imageUrl: true },
    distinct: ['imageUrl'],
  })
  const ids = rows.map(({ imageUrl }) => (imageUrl ?? '').slice('/api/uploads/'.length))
  return new Set(ids.flatMap((id) => [id, originalOf(id) ?? id]))
}

async function filesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
