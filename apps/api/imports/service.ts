import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { z } from 'zod'
import type { Database } from '../../core/database.ts'
import { importFile } from '../../core/product-imports.ts'
import type { AuditEntry } from '../audit.ts'
import { HttpError } from '../errors.ts'
import { type Page, type Pagination, paginate } from '../pagination.ts'
import type { importError, productImport } from './schemas.ts'

export const MOST_BYTES = 10 * 1024 * 1024
/** As many errors as anybody reads. */
const MOST_ERRORS = 100

export type ProductImport = z.infer<typeof productImport>
export type ImportError = z.infer<typeof importError>

/** Tables of products that a worker stores. */
export type ProductImports = {
  /** Keeps a table until a worker takes it. Errors: 413 for too much, 422 for nothing. */
  accept(body: AsyncIterable<Buffer>, by: Pick<AuditEntry, 'actor' | 'requestId'>): Promise<ProductImport>
  /** The newest first. */
  list(page: Page): Promise<{ imports: ProductImport[]; pagination: Pagination }>
  /** One of them, with what was wrong with its first rows that were. Errors: 404. */
  find(id: string): Promise<{ import: ProductImport; errors: ImportError[] }>
}

/** Imports in the database, their tables in the folder of uploads. */
export function productImports(database: Database, uploads: string): ProductImports {
  return {
    async accept(body, { actor, requestId }) {
      const id = randomUUID()
      const bytes = await store(importFile(uploads, id), body)
      const data = { id, bytes, actorId: actor?.id ?? null, requestId: requestId ?? null }
      return toView(await database.productImport.create({ data }))
    },
    async list(page) {
      const [rows, total] = await Promise.all([
        database.productImport.findMany({
          orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
          skip: (page.page - 1) * page.limit,
          take: page.limit,
        }),
        database.productImport.count(),
      ])
      return { imports: rows.map(toView), pagination: paginate(page, total) }
    },
    async find(id) {
      const [row, errors] = await Promise.all([
        database.productImport.findUnique({ where: { id } }),
        database.productImportError.findMany({
          where: { importId: id },
          orderBy: [{ row: 'asc' }, { column: 'asc' }],
          select: { row: true, column: true, message: true },
          take: MOST_ERRORS,
        }),
      ])
      if (!row) throw unknownImport(id)
      return { import: toView(row), errors }
    },
  }
}

export const unknownImport = (id: string): HttpError => new HttpError(404, `there is no import ${id}`)
export const tooLarge = () => new HttpError(413, `a table may have at most ${MOST_BYTES} bytes`)

/** Writes a table as it comes in; it is there only when all of it is safely on disk. Answers its bytes. */
async function store(path: string, body: AsyncIterable<Buffer>): Promise<number> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.unfinished`
  const file = await open(temporary, 'wx', 0o640)
  let bytes = 0
  try {
    try {
      for await (const chunk of body) {
        bytes += chunk.length
        if (bytes > MOST_BYTES) throw tooLarge()
        await file.write(chunk)
      }
      if (bytes === 0) throw new HttpError(422, 'the table is empty')
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    const folder = await open(dirname(path), 'r')
    await folder.sync().finally(() => folder.close())
    return bytes
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

type Row = Awaited<ReturnType<Database['productImport']['findUniqueOrThrow']>>

const toView = (row: Row): ProductImport => ({
  ...{ id: row.id, status: row.status as ProductImport['status'], bytes: row.bytes, rows: row.rows },
  ...{ created: row.created, updated: row.updated, rejected: row.rejected, failure: row.failure },
  created_at: row.createdAt.toISOString(),
  started_at: row.startedAt?.toISOString() ?? null,
  finished_at: row.finishedAt?.toISOString() ?? null,
})
