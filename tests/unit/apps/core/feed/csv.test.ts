import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonRows } from '../../../../../apps/core/feed/csv.ts'
import { newNullMarker } from '../../../../../apps/core/feed/source.ts'

const columns = [
  { name: 'id', type: 'int' },
  { name: 'note', type: 'text' },
  { name: 'total', type: 'decimal' },
]
const nullMarker = newNullMarker()
const HEADER = '"id","note","total"\n'

/** As phpMyAdmin writes it: everything in quotes but NULL and the empty text. */
const field = (value: string | null): string =>
  value === null ? nullMarker : value === '' ? '' : `"${value.replaceAll('"', '""')}"`

async function* inPieces(text: string, size = 64_000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const rowsOf = (csv: string, size?: number): Promise<string[]> =>
  Readable.from(jsonRows(inPieces(csv, size), { columns, nullMarker })).toArray()

test('each row is one object on one line, in the order of the columns', async () => {
  const rows = await rowsOf(`${HEADER}"1","a ""b"",\nc\r\n","12.30"\n"2",${nullMarker},"0.00"\n`)
  expect(rows).toEqual([
    String.raw`{"id":1,"note":"a \"b\",\nc\r\n","total":"12.30"}`,
    '{"id":2,"note":null,"total":"0.00"}',
  ])
})

test('a table without rows is a header', async () => {
  expect(await rowsOf(HEADER)).toEqual([])
})

test('any text comes through, wherever the stream is broken', async () => {
  // What a database holds is whole characters, never half a pair.
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\\', 'N', 'NULL', '😀', 'ש') }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(text), { maxLength: 20 }),
      fc.integer({ min: 1, max: 50 }),
      async (notes, size) => {
        const lines = notes.map((note, index) => `"${index}",${field(note)},"1.00"\n`)
        const rows = await rowsOf(HEADER + lines.join(''), size)
        expect(rows.map((row) => JSON.parse(row).note)).toEqual(notes)
      },
    ),
  )
})

test('NULL, the word and the empty text are three things', async () => {
  const rows = await rowsOf(`${HEADER}"1",${nullMarker},"1"\n"2","NULL","1"\n"3",,"1"\n`)
  expect(rows.map((row) => JSON.parse(row).note)).toEqual([null, 'NULL', ''])
})

test('no two exports mark NULL alike', () => {
  expect(newNullMarker()).not.toBe(newNullMarker())
  expect(newNullMarker()).toMatch(/^NULL[0-9a-f]{24}$/)
})

test.each([
  ['nothing at all', '', 'the export is empty: not even its header came'],
  [
    'other columns',
    '"id","note"\n',
    'the export begins with "id, note" instead of the columns id, note, total',
  ],
  [
    'a page of errors',
    '<b>Fatal error</b>: out of memory\n',
    'the export begins with "<b>Fatal error</b>: out',
  ],
  ['its header once more', `${HEADER}"1","a","1"\n${HEADER}`, 'row 2 of the export is its header once more'],
  [
    'a row too short',
    `${HEADER}"1","a","1"\n"2","b"\n`,
    'row 2 of the export has 2 fields where the table has 3',
  ],
  ['a row too long', `${HEADER}"1","a","1","x"\n`, 'row 1 of the export has 4 fields where the table has 3'],
  ['an empty line', `${HEADER}\n`, 'row 1 of the export has 1 fields where the table has 3'],
  ['a text for a number', `${HEADER}"one","a","1"\n`, 'row 1 of the export has no int in column id'],
  ['an open quote at its end', `${HEADER}"1","a","1"\n"2","b`, 'row 2 ends inside a quoted value'],
  ['no end of its last line', `${HEADER}"1","a","1"`, 'the export is cut: row 1 does not end'],
  ['a stray quote', `${HEADER}"1","a"b","1"\n`, 'row 1 of the export is not CSV (CSV_INVALID_CLOSING_QUOTE)'],
])('an export with %s is refused and the place is named', async (_name, csv, reason) => {
  await expect(rowsOf(csv)).rejects.toThrow(reason)
  await expect(rowsOf(csv, 3)).rejects.toThrow(reason)
})

test('a stream that breaks off says why itself', async () => {
  async function* broken() {
    yield Buffer.from(`${HEADER}"1","a","1"\n`)
    throw new Error('the line went dead')
  }
  const rows = Readable.from(jsonRows(broken(), { columns, nullMarker })).toArray()
  await expect(rows).rejects.toThrow('the line went dead')
})

test('no more is read than is taken, and the stream is let go of', async () => {
  let given = 0
  let left = false
  async function* endless() {
    try {
      yield Buffer.from(HEADER)
      for (;;) {
        given += 1
        yield Buffer.from(`"${given}","${'x'.repeat(1000)}","1"\n`.repeat(16))
      }
    } finally {
      left = true
    }
  }
  let taken = 0
  for await (const row of jsonRows(endless(), { columns, nullMarker })) {
    expect(row).toContain('"note":"xxx')
    taken += 1
    if (taken === 5000) break
  }
  expect(given * 16).toBeLessThan(5000 + 1000)
  await expect.poll(() => left).toBe(true)
})
