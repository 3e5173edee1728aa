/** A dispatched event of `text/event-stream`. */
export type StreamEvent = { id: string; event: string; data: string }

/**
 * Reads an event stream piece by piece as the HTML standard has it: pieces may end anywhere, lines in \n, \r\n or \r;
 * the id stays until another one comes; an event without data is none; what is not ended by an empty line is lost.
 */
export class EventStreamParser {
  /** Milliseconds that the server asks to wait before the next connection. */
  retryMs: number | undefined
  /** The id as of the last empty line, also one that came without an event. */
  lastId = ''
  #id = ''
  #rest = ''
  #event = ''
  #data: string[] = []
  #first = true

  /** The events that the piece completes. */
  push(piece: string): StreamEvent[] {
    let text = this.#rest + piece
    if (this.#first && text !== '') {
      this.#first = false
      if (text.startsWith('\uFEFF')) text = text.slice(1)
    }
    const events: StreamEvent[] = []
    let start = 0
    for (const found of text.matchAll(/\r\n|\n|\r/g)) {
      // A \r at the very end may be half of \r\n.
      if (found[0] === '\r' && found.index === text.length - 1) break
      const event = this.#line(text.slice(start, found.index))
      if (event) events.push(event)
      start = found.index + found[0].length
    }
    this.#rest = text.slice(start)
    return events
  }

  #line(line: string): StreamEvent | undefined {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value)
    return undefined
  }

  #dispatch(): StreamEvent | undefined {
    const [event, data] = [this.#event || 'message', this.#data]
    this.#event = ''
    this.#data = []
    this.lastId = this.#id
    return data.length > 0 ? { id: this.#id, event, data: data.join('\n') } : undefined
  }
}
