import { expect, test } from 'vitest'
import { addressOf, judge, type SmtpError } from '../../../../apps/worker/mail/smtp.ts'

const error = (given: Partial<SmtpError>) => Object.assign(new Error('it failed'), given)

test.each<[string, Partial<SmtpError>, object]>([
  [
    'an unknown recipient is refused for good',
    { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550, response: '550  no such\n user' },
    { outcome: 'refused', why: '550 no such user' },
  ],
  [
    'a recipient that is turned away for now is put off',
    { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 451, response: '451 later' },
    { outcome: 'deferred', why: '451 later', by: 'server' },
  ],
  [
    'content that is refused is refused for good',
    { code: 'EMESSAGE', command: 'DATA', responseCode: 554, response: '554 spam' },
    { outcome: 'refused', why: '554 spam' },
  ],
  [
    'a server that closes takes nothing from anybody',
    { code: 'EMESSAGE', command: 'DATA', responseCode: 421, response: '421 closing' },
    { outcome: 'deferred', why: '421 closing', by: 'connection' },
  ],
  [
    'a sender that the server does not know is not the fault of the mail',
    { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 553, response: '553 sender' },
    { outcome: 'deferred', why: '553 sender', by: 'connection' },
  ],
  [
    'a wrong password is not the fault of the mail',
    { code: 'EAUTH', responseCode: 535, response: '535 no' },
    { outcome: 'deferred', why: '535 no', by: 'connection' },
  ],
  [
    'a server that greets with an error is not the fault of the mail',
    { code: 'EPROTOCOL', responseCode: 554, response: '554 no service' },
    { outcome: 'deferred', why: '554 no service', by: 'connection' },
  ],
  [
    'a server that is away takes nothing from anybody',
    { code: 'ESOCKET', message: 'connect ECONNREFUSED' },
    { outcome: 'deferred', why: 'connect ECONNREFUSED', by: 'connection' },
  ],
])('%s', (_, given, sending) => {
  expect(judge(error(given))).toEqual(sending)
})

test('the address of a sender is what is in the brackets, or all of it', () => {
  expect(addressOf('The Shop <shop@example.com>')).toBe('shop@example.com')
  expect(addressOf('shop@example.com')).toBe('shop@example.com')
})
