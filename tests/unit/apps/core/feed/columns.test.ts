import fc from 'fast-check'
import { expect, test } from 'vitest'
import { converterOf, quoteName, selectOf } from '../../../../../apps/core/feed/columns.ts'

test.each([
  ['int', '0', 0],
  ['tinyint', '-128', -128],
  ['int', '00000042', 42],
  ['bigint', '9007199254740991', Number.MAX_SAFE_INTEGER],
  ['bigint', '9007199254740992', '9007199254740992'],
  ['bigint', '-9223372036854775808', '-9223372036854775808'],
  ['decimal', '12.30', '12.30'],
  ['double', '1.7976931348623157e308', Number.MAX_VALUE],
  ['float', '-0.5', -0.5],
  ['date', '2024-02-29', '2024-02-29'],
  ['datetime', '2026-11-22 13:04:05', '2026-11-22T13:04:05'],
  ['timestamp', '0', '0000-00-00T00:00:00Z'],
  ['timestamp', '1', '1970-01-01T00:00:01Z'],
  ['timestamp', '1795352645.120', '2026-11-22T13:04:05.120Z'],
  ['varchar', '007', '007'],
  ['varchar', '', ''],
  ['text', 'a "b"\n\u2028', 'a "b"\n\u2028'],
  ['a type of tomorrow', '1', '1'],
])('a %s of %s becomes %j', (type, text, value) => {
  expect(JSON.parse(converterOf(type)(text) ?? '')).toBe(value)
})

test.each([
  ['int', 'id'],
  ['int', ''],
  ['int', '1.5'],
  ['double', ''],
  ['double', 'Infinity'],
  ['timestamp', '2026-11-22 13:04:05'],
  ['timestamp', ''],
])('%s does not take "%s"', (type, text) => {
  expect(converterOf(type)(text)).toBeUndefined()
})

test('every instant keeps its seconds and the digits behind them', () => {
  const second = fc.integer({ min: 1, max: 2 ** 32 })
  fc.assert(
    fc.property(second, fc.integer({ min: 0, max: 999_999 }), (seconds, micros) => {
      const digits = String(micros).padStart(6, '0')
      const value: string = JSON.parse(converterOf('timestamp')(`${seconds}.${digits}`) ?? '')
      expect(Math.floor(Date.parse(value) / 1000)).toBe(seconds)
      expect(value.endsWith(`.${digits}Z`)).toBe(true)
    }),
  )
})

test('bytes, shapes, bits and instants are asked for as text that says all of them', () => {
  expect(selectOf({ name: 'b', type: 'blob' })).toBe("REPLACE(TO_BASE64(`b`), CHAR(10), '') AS `b`")
  expect(selectOf({ name: 'p', type: 'point' })).toBe('ST_AsText(`p`) AS `p`')
  expect(selectOf({ name: 'f', type: 'bit' })).toBe('`f` + 0 AS `f`')
  expect(selectOf({ name: 't', type: 'timestamp' })).toBe('UNIX_TIMESTAMP(`t`) AS `t`')
  expect(selectOf({ name: 'v', type: 'varchar' })).toBe('`v`')
})

test('a name with a backtick stays one name', () => {
  expect(quoteName('a`b')).toBe('`a``b`')
})
