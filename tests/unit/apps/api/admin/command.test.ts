import { describe, expect, test } from 'vitest'
import { generatedPassword, givenPassword, parseAdminCommand } from '../../../../../apps/api/admin/command.ts'
import { passwordProblem } from '../../../../../apps/api/auth/passwords.ts'

describe('the arguments of the admin command', () => {
  test('are an e-mail, how the password is had and how the answer looks', () => {
    expect(parseAdminCommand(['create', 'Anna@Example.com'])).toEqual({
      email: 'anna@example.com',
      generate: false,
      json: false,
    })
    expect(parseAdminCommand(['create', '--json', 'anna@example.com', '--generate'])).toMatchObject({
      generate: true,
      json: true,
    })
  })

  test.each([
    [[], /usage/],
    [['create'], /usage/],
    [['remove', 'anna@example.com'], /usage/],
    [['create', 'anna@example.com', 'my password'], /usage/],
    [['create', 'anna'], /"anna" is no e-mail address/],
    [['create', 'anna@example.com', '--password=x'], /Unknown option/],
  ])('%j are refused', (args, message) => expect(() => parseAdminCommand(args)).toThrow(message))
})

describe('the password', () => {
  test('is the line that was sent, blanks and all', () => {
    expect(givenPassword(' a lamp, seven otters \r\n', 'anna@example.com')).toBe(' a lamp, seven otters ')
  })

  test.each([
    ['', /no password on standard input/],
    ['\n', /no password/],
    ['short\n', /at least 15/],
    ['anna@example.com\n', /attackers/],
  ])('%j is refused', (sent, message) => {
    expect(() => givenPassword(sent, 'anna@example.com')).toThrow(message)
  })

  test('that is generated keeps the rules and is never the same', () => {
    const made = Array.from({ length: 50 }, generatedPassword)
    expect(new Set(made).size).toBe(50)
    for (const password of made) expect(passwordProblem(password, ['anna@example.com'])).toBeUndefined()
  })
})
