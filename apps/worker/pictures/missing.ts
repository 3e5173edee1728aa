import type { Database } from '../../core/database.ts'
import { pictureOf } from '../../core/pictures.ts'
import { isConverted } from './convert.ts'

/** Answers, at each call, the uploads that products show and that lack sizes; of a complete one it asks only once. */
export function missingPictures(database: Database, directory: string): () => Promise<string[]> {
  const complete = new Set<string>()
  return async () => {
    const rows = await database.product.findMany({
      where: { archivedAt: null, imageUrl: { startsWith: '/api/uploads/' } },
      select: { imageUrl: true },
      distinct: ['imageUrl'],
    })
    const missing: string[] = []
    for (const { imageUrl } of rows) {
      const id = pictureOf(imageUrl ?? '')
      if (!id || complete.has(id)) continue
      if (await isConverted(directory, id)) complete.add(id)
      else missing.push(id)
    }
    return missing
  }
}
