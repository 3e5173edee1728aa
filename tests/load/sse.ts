export type SseMessage = { event: string; data: string; id: string | undefined }

/** Reads an event stream piece by piece: messages, the retry hint and comments. */
export class SseParser {
  /** Milliseconds the server asked us to wait before the next connection. */
  retry: number | undefined
  /** The last id that came without a message: how far the server says that we are. */
  cursor: string | undefined
  #rest = ''
  #event = ''
  #data: string[] = []
  #id: string | undefined

  /** Takes a piece of text and returns the messages that it completes. */
  push(text: string): SseMessage[] {
    const lines = (this.#rest + text).split(/\r?\n/)
    this.#rest = lines.pop() ?? ''
    const messages: SseMessage[] = []
    for (const line of lines) {
      const message = this.#line(line)
      if (message) messages.push(message)
    }
    return messages
  }

  #line(line: string): SseMessage | undefined {
    if (line === '') return this.#dispatch()
    if (line.startsWith(':')) return undefined
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.#event = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id') this.#id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.retry = Number(value)
    return undefined
  }

  #dispatch(): SseMessage | undefined {
    const message = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id }
    const empty = this.#data.length === 0
    if (empty) this.cursor = this.#id ?? this.cursor
    this.#event = ''
    this.#data = []
    this.#id = undefined
    return empty ? undefined : message
  }
}
