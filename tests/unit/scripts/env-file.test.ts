import { describe, expect, it } from 'vitest'
import { editEnvFile, parseEnvFile } from '../../../scripts/settings/env-file.ts'

describe('parseEnvFile', () => {
  const read = (text: string, values: Record<string, string>) => () =>
    expect(parseEnvFile(text)).toEqual(values)

  it('reads names and values', read('A=1\nB=two words\n', { A: '1', B: 'two words' }))
  it('lets the last assignment win', read('A=1\nA=2', { A: '2' }))
  it('removes one layer of quotes', read('A="x y"\nB=\'z\'', { A: 'x y', B: 'z' }))
  it('leaves comments and blank lines out', read('# A=1\n\nB=2 # why', { B: '2' }))
  it('keeps = inside a value', read('URL=a=b=c', { URL: 'a=b=c' }))
  it('understands export', read('export A=1', { A: '1' }))
})

describe('editEnvFile', () => {
  it('edits in place and keeps comments and order', () => {
    expect(editEnvFile('# head\nA=1\n\nB=2\n', { A: '9' })).toBe('# head\nA=9\n\nB=2\n')
  })
  it('appends what is new', () => expect(editEnvFile('A=1\n\n', { B: '2' })).toBe('A=1\nB=2\n'))
  it('does not take a comment for an assignment', () => {
    expect(editEnvFile('#A=1\n', { A: '2' })).toBe('#A=1\nA=2\n')
  })
  it('writes values that hold replacement patterns as they are', () => {
    expect(editEnvFile('A=1\n', { A: '$& $1' })).toBe('A=$& $1\n')
  })
})
