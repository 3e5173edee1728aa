import { expect, test } from 'vitest'
import { isDatabaseBusy, isDatabaseLost } from '../../../../apps/core/database-lost.ts'

test.each([
  ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
  [
    'what Prisma makes of it',
    { code: 'P2010', meta: { driverAdapterError: { cause: { kind: 'DatabaseNotReachable' } } } },
  ],
  ['a server that shuts down', { cause: { originalCode: '57P01' } }],
  ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
  [
    'a transaction that could not begin',
    { code: 'P2028', message: 'Unable to start a transaction in the given time.' },
  ],
  ['a server that hangs', new Error('Query read timeout')],
])('%s means that the database is lost', (_name, error) => {
  expect(isDatabaseLost(error)).toBe(true)
})

test.each([
  ['a violated constraint', { code: 'P2002', message: 'Unique constraint failed' }],
  ['a defect', new TypeError('x is not a function')],
  ['nothing', undefined],
])('%s does not', (_name, error) => {
  expect(isDatabaseLost(error)).toBe(false)
})

test.each([
  ['a statement beyond its time', { cause: { originalCode: '57014' } }, true],
  ['a deadlock', { code: 'P2034' }, true],
  ['a violated constraint', { code: 'P2002' }, false],
  ['a server that is not there', { code: 'ECONNREFUSED' }, false],
])('%s: the database is busy is %o', (_name, error, busy) => {
  expect(isDatabaseBusy(error)).toBe(busy)
})
