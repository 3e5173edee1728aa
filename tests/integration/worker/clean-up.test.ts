import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { cleanUpActivities } from '../../../apps/worker/clean-up/activities.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

const DAY = 86_400_000
const now = new Date('2026-06-01T00:00:00Z')
let own: OwnDatabase
let folder: string

beforeAll(async () => {
  own = await ownDatabase()
})
afterAll(() => own?.drop())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uploads-'))
  return () => rm(folder, { recursive: true })
})

const activities = (keepUploadsDays?: number) =>
  cleanUpActivities({
    ...{ database: own.open('service', 1), uploads: folder, keepUploadsDays },
    ...{ log: pino({ level: 'silent' }), alive: () => {}, now: () => now },
  })

async function file(name: string, days: number) {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, 'x')
  const at = new Date(now.getTime() - days * DAY)
  await utimes(path, at, at)
}
const left = async () => (await readdir(folder, { recursive: true })).toSorted()
const id = (name: string) => `0123456789abcdef-${name}`

test('sizes without original and files of dead processes go, and everything else stays', async () => {
  await file(id('shown.png'), 400)
  await file(id('shown.png.w320.webp'), 400)
  await file(id('gone.png.w320.webp'), 1)
  await file(id('new.png.w320.webp'), 0.01)
  await file('.unfinished-1', 1)
  await file('.unfinished-2', 0.01)
  await file('notes.txt', 400)
  expect(await activities().removeOrphanedUploads()).toBe(2)
  expect(await left()).toEqual(
    [
      id('shown.png'),
      id('shown.png.w320.webp'),
      id('new.png.w320.webp'),
      '.unfinished-2',
      'notes.txt',
    ].toSorted(),
  )
})

test('uploads that no product shows go when they are old enough, if the shop wants that', async () => {
  await own.sql(`UPDATE products SET image_url = '/api/uploads/${id('shown.png')}' WHERE id = 1`)
  await own.sql(
    `UPDATE products SET image_url = '/api/uploads/${id('sold.png')}', archived_at = now() WHERE id = 2`,
  )
  await own.sql(`UPDATE products SET image_url = '/api/uploads/${id('small.png.w320.webp')}' WHERE id = 3`)
  const kept = ['shown.png', 'shown.png.w640.webp', 'sold.png', 'small.png', 'small.png.w320.webp'].map(id)
  for (const name of kept) await file(name, 31)
  await file(id('young.png'), 29)
  await file(id('old.png'), 31)
  await file(id('old.png.w640.webp'), 31)
  expect(await activities().removeOrphanedUploads()).toBe(0)
  expect(await activities(30).removeOrphanedUploads()).toBe(1)
  expect(await activities(30).removeOrphanedUploads()).toBe(1)
  expect(await left()).toEqual([...kept, id('young.png')].toSorted())
})

test('imports that are over are forgotten after a month, and tables that no import needs are removed', async () => {
  const insert = async (status: string, days: number | null) => {
    const finished = days === null ? null : new Date(now.getTime() - days * DAY)
    const [row] = await own.sql<{ id: string }>(
      'INSERT INTO product_imports (status, bytes, finished_at) VALUES ($1, 1, $2) RETURNING id',
      [status, finished],
    )
    await own.sql(`INSERT INTO product_import_errors VALUES ($1, 2, 'name', 'x')`, [row?.id])
    return row?.id ?? ''
  }
  const open = await insert('queued', null)
  const recent = await insert('finished', 29)
  const old = await insert('failed', 31)
  for (const name of [open, recent, old]) await file(`imports/${name}.csv`, 40)
  await file('imports/accepted-now.csv', 0.01)
  expect(await activities().forgetFinishedImports()).toBe(1)
  expect(await activities().removeOrphanedUploads()).toBe(2)
  expect(await left()).toEqual(['imports', `imports/${open}.csv`, 'imports/accepted-now.csv'].toSorted())
  const imports = await own.sql<{ id: string }>('SELECT id FROM product_imports ORDER BY id')
  expect(imports.map((row) => row.id)).toEqual([open, recent].toSorted())
  expect(await own.sql('SELECT 1 FROM product_import_errors')).toHaveLength(2)
})
