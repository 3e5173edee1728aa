import type { OpenFile } from '../../core/feed/cache.ts'
import type { Splice } from '../../core/feed/splice.ts'
import type { Sender } from './send.ts'

/** The feed's events in the wire format of server-sent events, in whatever encoding the splice makes. */
export class EventWriter {
  readonly #sender: Sender
  readonly #splice: Splice
  #opened = false

  constructor(sender: Sender, splice: Splice) {
    this.#sender = sender
    this.#splice = splice
  }

  /** An event whose payload is a version of the feed: it is one line, so it is passed on as it is on disk. */
  async payload(type: string, { meta, stored, handle }: OpenFile): Promise<void> {
    await this.#text(`data: {"type":"${type}","payload":{`)
    await this.#sender.file(handle, stored.rest, stored.end)
    this.#splice.passed({ bytes: meta.bytes - 1, crc32: meta.rest_crc32 })
    await this.#text('}\n\n')
  }

  message(event: { type: string; message?: string }): Promise<void> {
    return this.#text(`data: ${JSON.stringify(event)}\n\n`)
  }

  beat(): Promise<void> {
    return this.#text(':\n\n')
  }

  /** The last bytes of a stream that ends before it is done: each client comes back at a moment of its own. */
  goodbye(): Buffer {
    const hint = this.#splice.text(`retry: ${100 + Math.floor(Math.random() * 1400)}\n\n`)
    return Buffer.concat([hint, this.#splice.close()])
  }

  close(): Buffer {
    return this.#splice.close()
  }

  async #text(text: string): Promise<void> {
    const open = this.#opened ? Buffer.alloc(0) : this.#splice.open()
    this.#opened = true
    await this.#sender.write(Buffer.concat([open, this.#splice.text(text)]))
  }
}
