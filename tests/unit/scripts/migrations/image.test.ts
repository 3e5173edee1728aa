import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { migrationsOfFolder } from '../../../../scripts/migrations/folder.ts'
import { listMigrations, migrationsOfImage, parseMigrations } from '../../../../scripts/migrations/image.ts'
import type { Result, Runner } from '../../../../scripts/run.ts'

const SQL = Buffer.from("-- ecomweb: contract\r\nSELECT 'é';\n")
const SHA256_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const answering = (result: Partial<Result>): Runner => ({
  dry: false,
  run: async () => ({ code: 0, stdout: '', stderr: '', ...result }),
})

/** A folder of two migrations, one of them empty, and of what is none. */
const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'migrations-'))
  for (const [name, content] of [
    ['2_b', SQL],
    ['1_a', ''],
  ] as const) {
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'migration.sql'), content)
  }
  mkdirSync(join(dir, '3_empty'))
  writeFileSync(join(dir, 'migration_lock.toml'), '')
  return dir
}

describe('reading the migrations of an image', () => {
  it('runs it once, without network and without a writable file', () => {
    const { file, args } = listMigrations('sha256:abc')
    expect([file, ...args].slice(0, -1).join(' ')).toBe(
      'docker run --rm --network none --read-only --entrypoint sh sha256:abc -c',
    )
  })

  it('keeps names, contents and checksums to the byte, in the order of the names', () => {
    expect(parseMigrations(`2_b ${SQL.toString('base64')}\n1_a \n`)).toEqual([
      { name: '1_a', sql: '', checksum: SHA256_OF_NOTHING, contract: false },
      expect.objectContaining({ name: '2_b', sql: SQL.toString(), contract: true }),
    ])
  })

  it('is the same as reading the folder, whatever shell does it', async () => {
    const dir = folder()
    const script = listMigrations('x').args.at(-1) as string
    const output = execFileSync('sh', ['-c', script], {
      env: { ...process.env, MIGRATIONS_DIR: dir },
    }).toString()
    expect(parseMigrations(output)).toEqual(await migrationsOfFolder(dir))
    expect(parseMigrations(output).map(({ name }) => name)).toEqual(['1_a', '2_b'])
    rmSync(dir, { recursive: true })
  })

  it('says that there is no such folder', async () => {
    const script = listMigrations('x').args.at(-1) as string
    expect(() =>
      execFileSync('sh', ['-c', script], { env: { ...process.env, MIGRATIONS_DIR: '/no/such' } }),
    ).toThrow()
    await expect(migrationsOfImage(answering({ code: 3 }), 'shop:1')).rejects.toMatchObject({
      message: expect.stringContaining('shop:1'),
      why: expect.stringContaining('/app/prisma/migrations'),
      next: expect.stringContaining('MIGRATIONS_DIR'),
    })
  })

  it('hands on what Docker says', async () => {
    const failing = answering({ code: 125, stderr: 'no such image\n' })
    await expect(migrationsOfImage(failing, 'shop:1')).rejects.toMatchObject({ why: 'no such image' })
  })
})

it('names a folder that cannot be read', async () => {
  await expect(migrationsOfFolder('/no/such')).rejects.toMatchObject({
    message: expect.stringContaining('/no/such'),
  })
})
