import { parse } from 'csv-parse/sync'
import { array, assert, double, oneof, property, string, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toCsv } from '../../../../apps/reports/reports/csv.ts'
import { inTurn } from '../../../../apps/reports/reports/in-turn.ts'
import { percent, plain, quotient } from '../../../../apps/reports/reports/numbers.ts'
import { rangeOf } from '../../../../apps/reports/reports/range.ts'

describe('CSV', () => {
  test('quotes what has commas, quotes or line ends, and ends lines with CRLF', () => {
    const rows = [{ name: 'Mug, "large"\nblue', stock: 3, cost: null }]
    expect(toCsv(['name', 'stock', 'cost'], rows)).toBe('name,stock,cost\r\n"Mug, ""large""\nblue",3,\r\n')
  })

  test.each(['=1+1', '+49 30', '-cmd', '@sum', '\t=1', '  =1', '\r=1'])(
    'takes the power from %j, which a spreadsheet would run',
    (name) => {
      const [row] = parse(toCsv(['name'], [{ name }]), { columns: true }) as { name: string }[]
      expect(row?.name).toBe(`'${name}`)
    },
  )

  test('leaves negative numbers what they are', () => {
    expect(toCsv(['margin'], [{ margin: -5 }])).toBe('margin\r\n-5\r\n')
  })

  test('is read back as it was written, whatever is in it', () => {
    const cell = oneof(string({ unit: 'grapheme' }), double({ noNaN: true, noDefaultInfinity: true }))
    const table = uniqueArray(string({ minLength: 1, unit: 'grapheme-ascii' }), {
      minLength: 1,
      maxLength: 4,
    })
    assert(
      property(
        table,
        array(array(cell, { minLength: 4, maxLength: 4 }), { maxLength: 5 }),
        (columns, cells) => {
          const rows = cells.map((row) =>
            Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])),
          )
          const read: string[][] = parse(toCsv(columns, rows), { relax_quotes: false })
          const harmless = (text: unknown) =>
            typeof text === 'string' && /^\s*[=+\-@\t\r]/.test(text) ? `'${text}` : String(text)
          expect(read).toEqual([
            columns.map(harmless),
            ...rows.map((row) => columns.map((c) => harmless(row[c]))),
          ])
        },
      ),
    )
  })
})

describe('numbers', () => {
  test.each([
    [1, 3, 33.3],
    [2, 3, 66.7],
    [1, 2000, 0.1],
    [-1, 2000, -0.1],
    [-1, 3000, 0],
    [5, 5, 100],
    [5, 0, null],
  ])('%d of %d is %d percent', (part, whole, expected) => {
    expect(percent(part, whole)).toBe(expected)
  })

  test('a quotient is rounded to whole cents, halves away from zero', () => {
    expect([quotient(5, 2), quotient(-5, 2), quotient(1, 3), quotient(0, -3)]).toEqual([3, -3, 0, 0])
  })

  test('of 64 bits become numbers of JSON, or an error where they would be rounded', () => {
    expect(plain({ day: 'x', cents: 12n, cost: null })).toEqual({ day: 'x', cents: 12, cost: null })
    expect(() => plain({ cents: 2n ** 53n })).toThrow('9007199254740992 is more than a report can show')
  })
})

test('a range that is not told is the last 30 days, and one half of it is completed', () => {
  const now = new Date('2026-03-01T00:30:00+02:00')
  expect(rangeOf({}, now)).toEqual({
    ...{ from: '2026-01-30', to: '2026-02-28' },
    ...{ start: '2026-01-30T00:00:00.000Z', end: '2026-03-01T00:00:00.000Z' },
  })
  expect(rangeOf({ to: '2024-03-01' }, now)).toMatchObject({ from: '2024-02-01', to: '2024-03-01' })
  expect(rangeOf({ from: '2026-02-27' }, now)).toMatchObject({ from: '2026-02-27', to: '2026-02-28' })
})

test('work in turn begins when the one before has ended, also in failure', async () => {
  const turn = inTurn()
  const first = Promise.withResolvers<void>()
  const began: string[] = []
  const failing = turn(() => {
    began.push('first')
    return first.promise
  })
  const second = turn(async () => began.push('second'))
  await Promise.resolve()
  expect(began).toEqual(['first'])
  first.reject(new Error('lost'))
  await expect(failing).rejects.toThrow('lost')
  await second
  expect(began).toEqual(['first', 'second'])
})
