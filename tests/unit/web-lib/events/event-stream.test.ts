import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventStreamParser } from '../../../../apps/web/lib/events/event-stream.ts'

const parse = (...pieces: string[]) => {
  const parser = new EventStreamParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

describe('an event stream', () => {
  it('is read as the standard has it', () => {
    expect(parse('id: 7\nevent: order.created\ndata: {"a":1}\n\n')).toEqual([
      { id: '7', event: 'order.created', data: '{"a":1}' },
    ])
    expect(parse('\uFEFFdata:a\ndata: b\n\n')).toEqual([{ id: '', event: 'message', data: 'a\nb' }])
    expect(parse('id: 1\ndata\n\ndata: x\n\n').map(({ id, data }) => [id, data])).toEqual([
      ['1', ''],
      ['1', 'x'],
    ])
    expect(parse(': a comment\n\n', 'event: nothing\n\n', 'unknown: x\n\n')).toEqual([])
    expect(parse('data: cut off\n')).toEqual([])
    expect(parse('id: a\0b\ndata: x\n\n')[0]?.id).toBe('')
  })

  it('tells how long to wait, and ids without an event', () => {
    const parser = new EventStreamParser()
    parser.push('retry: soon\nid: 12\n\n')
    expect([parser.retryMs, parser.lastId]).toEqual([undefined, '12'])
    parser.push('retry: 800\n\n')
    expect(parser.retryMs).toBe(800)
  })

  it('means the same wherever its pieces end and however its lines do', () => {
    const line = fc.stringMatching(/^(id|data|event|retry|x)?(: ?[a-z0-9:]{0,6})?$/)
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(400), { maxLength: 10 }),
        (lines, newline, cuts) => {
          // A last line that is no \r shows what a parser does that waits for the other half of \r\n.
          const text = `${lines.join(newline)}${newline}${newline}:`
          const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b)
          const pieces = at.slice(1).map((end, index) => text.slice(at[index], end))
          expect(parse(...pieces)).toEqual(parse(text.replaceAll(newline, '\n')))
        },
      ),
    )
  })
})
