import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { realDisk } from '../../../scripts/files/disk.ts'
import { difference } from '../../../scripts/releases/difference.ts'
import { recordRelease } from '../../../scripts/releases/record.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ecomweb-'))
})
afterEach(() => rmSync(root, { recursive: true }))

it('a failed release tells what it changed: image, migrations, files, and names of settings but never a value', async () => {
  const disk = realDisk(root)
  const write = async (path: string, text: string) => {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), text)
  }
  await write('docker-compose.yml', 'name: one\n')
  await write('.env', 'API_BLUE_IMAGE=a\nWORKER_REPLICAS=1\n')
  await write('.env.api', 'SECRET_KEY=first-secret\nDEBUG=0\n')
  const old = { id: '1', image: `sha256:${'a'.repeat(64)}`, reference: 'shop:1', shipped: [] }
  const before = await recordRelease(disk, old)

  await write('docker-compose.yml', 'name: two\n')
  await write('.env', 'API_BLUE_IMAGE=b\nWORKER_REPLICAS=2\n')
  await write('.env.api', 'SECRET_KEY=second-secret\nDEBUG=0\n')
  const shipped = [{ name: '001_column', contract: false }]
  const image = `sha256:${'b'.repeat(64)}`
  const after = await recordRelease(disk, { id: '2', image, reference: 'shop:2', shipped })

  expect(await difference(disk, before, after)).toEqual([
    'image: bbbbbbbbbbbb (shop:2) instead of aaaaaaaaaaaa (shop:1)',
    'migrations: 001_column',
    'file: docker-compose.yml',
    '.env: WORKER_REPLICAS',
    '.env.api: SECRET_KEY',
  ])
  expect(await difference(disk, before, before)).toHaveLength(1)
})
