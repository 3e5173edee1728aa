import { describe, expect, it } from 'vitest'
import { parseFlags } from '../../../bench/program.ts'

const FLAGS = {
  pairs: { default: 30, help: 'how many' },
  idle: { default: 60, least: 0, help: 'seconds' },
  root: { default: '/stack', help: 'where' },
  fresh: { default: false, help: 'anew' },
}
const parse = (...args: string[]) => parseFlags('switch', FLAGS, args)

describe('flags', () => {
  it('have defaults', () => {
    expect(parse()).toEqual({ pairs: 30, idle: 60, root: '/stack', fresh: false })
  })
  it('have the type of their default', () => {
    expect(parse('--pairs', '5', '--root=/x', '--fresh', '--idle=0')).toEqual({
      pairs: 5,
      idle: 0,
      root: '/x',
      fresh: true,
    })
  })
  it.each(['0', '1001', '2.5', 'many', ''])('refuse --pairs=%s and say what is possible', (value) => {
    expect(() => parse(`--pairs=${value}`)).toThrow('whole number from 1 to 1000')
  })
  it('refuse what does not exist, and name the help', () => {
    expect(() => parse('--pear')).toThrow(
      expect.objectContaining({ next: 'node bench/switch.ts --help', code: 2 }),
    )
  })
  it('give nothing when help is asked for', () => {
    expect(parse('--help')).toBeUndefined()
  })
})
