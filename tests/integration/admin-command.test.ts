import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bcryptPasswords } from '../../apps/api/auth/passwords.ts'
import { type OwnDatabase, ownDatabase } from './database.ts'

const PASSWORD = 'a lamp, seven otters and rain'
let own: OwnDatabase
beforeAll(async () => {
  own = await ownDatabase()
})
afterAll(() => own.drop())

/** Runs the program as the image does. */
async function admin(args: string[], input = '', url = own.url) {
  const child = spawn(process.execPath, ['apps/api/bin/admin.ts', ...args], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: url,
      REDIS_URL: 'redis://unused',
      TEMPORAL_ADDRESS: 'unused:1',
    },
  })
  child.stdin.end(input)
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ])
  return { code, stdout, stderr }
}

const users = () =>
  own.sql<{ email: string; role: string; password_hash: string }>('SELECT * FROM users ORDER BY email')

test('an administrator is made with the password of standard input, which is shown nowhere', async () => {
  const { code, stdout, stderr } = await admin(['create', 'Anna@example.com', '--json'], `${PASSWORD}\n`)
  expect([code, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toEqual({
    id: expect.any(String),
    email: 'anna@example.com',
    outcome: 'created',
  })
  const [anna] = await users()
  expect(anna).toMatchObject({ email: 'anna@example.com', role: 'admin' })
  expect(anna?.password_hash).toMatch(/^\$2b\$12\$/)
  expect(await bcryptPasswords().matches(PASSWORD, anna?.password_hash)).toBe(true)
})

test('a generated password is shown once, and replaces that of a user who was there', async () => {
  await own.sql("INSERT INTO users (email, disabled_at) VALUES ('bert@example.com', now())")
  const { stdout } = await admin(['create', 'bert@example.com', '--generate'])
  const [, password = ''] =
    /^bert@example.com is an administrator \(promoted\)\npassword: (\S{24})\n$/.exec(stdout) ?? []
  const [, bert] = await users()
  expect(bert).toMatchObject({ role: 'admin', disabled_at: null })
  expect(await bcryptPasswords().matches(password, bert?.password_hash)).toBe(true)
})

test('what is wrong is said in a line, and nothing is changed', async () => {
  const before = await users()
  expect(await admin(['create', 'carla@example.com'], 'short')).toEqual({
    ...{ code: 2, stdout: '' },
    stderr: expect.stringMatching(/^admin: the password should have at least 15 characters.*\n$/),
  })
  expect(await admin(['create', 'nobody'])).toMatchObject({
    code: 2,
    stderr: 'admin: "nobody" is no e-mail address\n',
  })
  const away = await admin(
    ['create', 'carla@example.com'],
    PASSWORD,
    'postgresql://u:of-nobody@127.0.0.1:1/x',
  )
  expect(away).toEqual({
    ...{ code: 1, stdout: '' },
    stderr: 'admin: connection refused (nothing listens there)\n',
  })
  expect(await users()).toEqual(before)
})
