import { describe, expect, test } from 'vitest'
import { bcryptPasswords, passwordProblem } from '../../../../../apps/api/auth/passwords.ts'

const problem = (password: string) => passwordProblem(password, ['anna.berg@example.com', 'ecomweb'])

describe('a new password', () => {
  test.each([
    'a lamp, seven otters and rain',
    'my-password-is-on-a-yellow-note', // contains common words, and is fine
    '8392048293482034',
    'kYq83$!-xw_02..P',
    'öffne die Tür, Sesam',
    '🦊🐙🦉🐢🐬🦔🐝🦋🐞🐌🦎🐍🐠🦀🦑',
    'anna wrote this on a train',
    '%$#&@!*^(%)#@!&_',
    'x'.repeat(8) + 'a lamp, seven otters and rain, and so on. '.repeat(4),
  ])('may be %s', (password) => expect(problem(password)).toBeUndefined())

  test.each(['fourteen chars', '🦊🐙🦉🐢🐬🦔🐝🦋🐞🐌🦎🐍🐠🦀'])('is too short as %s', (password) =>
    expect(problem(password)).toMatch(/at least 15/),
  )

  test('is counted in characters, after é became one of them', () => {
    expect(problem(`${'e\u0301'.repeat(2)}abcdefgh kjx`)).toMatch(/at least 15/)
    expect(problem('a lamp, seven otters'.repeat(13))).toMatch(/at most 256/)
  })

  test.each([
    'passwordpassword',
    'Password-12345678',
    'P@ssw0rd P@ssw0rd 2026',
    '123456789012345',
    '987654321098765',
    'qwertyuiopasdfghjkl',
    '1q2w3e4r5t6y7u8i',
    'aaaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabc',
    'summerXsummerXsummerX',
    'correct horse battery staple',
    'iloveyou iloveyou 1',
    'anna.berg@example.com',
    'ecomweb-ecomweb-2026',
    'Anna Berg Example 1234',
    '!!!!!!!!!!!!!!!!!!',
  ])('is expected by attackers as %s', (password) => expect(problem(password)).toMatch(/attackers/))
})

describe('hashes', () => {
  const passwords = bcryptPasswords(4)

  test('match the password they were made of and no other', async () => {
    const hash = await passwords.hash('a lamp, seven otters and rain')
    expect(hash).toMatch(/^\$2b\$04\$/)
    expect(await passwords.matches('a lamp, seven otters and rain', hash)).toBe(true)
    expect(await passwords.matches('a lamp, seven otters and Rain', hash)).toBe(false)
  })

  test('see all of a password, though bcrypt reads 72 bytes and stops at a zero', async () => {
    const start = 'x'.repeat(80)
    expect(await passwords.matches(`${start}b`, await passwords.hash(`${start}a`))).toBe(false)
    expect(await passwords.matches('same\0b', await passwords.hash('same\0a'))).toBe(false)
  })

  test('are the same for é as one character and as two', async () => {
    expect(await passwords.matches('caf\u00e9', await passwords.hash('cafe\u0301'))).toBe(true)
  })

  test('are matched by nothing where there is none', async () => {
    for (const hash of [null, undefined, '']) expect(await passwords.matches('x', hash)).toBe(false)
  })

  test('are refused when too many wait, and made again afterwards', async () => {
    const busy = bcryptPasswords(4, 1)
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => busy.hash('x')))
    const refused = outcomes.filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThanOrEqual(5)
    expect(refused[0]).toMatchObject({ reason: { status: 503, retryAfter: 2 } })
    expect(await busy.hash('x')).toMatch(/^\$2b/)
  })
})
