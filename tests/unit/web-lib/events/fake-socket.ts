import type { Socket } from '../../../../apps/web/lib/events/types.ts'

/** WebSockets whose other side is the test. */
export function fakeSockets() {
  const made: FakeSocket[] = []
  class FakeSocket implements Socket {
    onopen: Socket['onopen'] = null
    onmessage: Socket['onmessage'] = null
    onclose: Socket['onclose'] = null
    onerror: Socket['onerror'] = null
    readonly url: URL
    readonly protocols: string[]
    closed = false

    constructor(url: string, protocols: string[]) {
      this.url = new URL(url)
      this.protocols = protocols
      made.push(this)
    }

    close(): void {
      this.closed = true
    }

    /** The server accepts. */
    accept(): void {
      this.onopen?.({} as never)
    }

    say(message: unknown): void {
      const data = typeof message === 'string' ? message : JSON.stringify(message)
      this.onmessage?.({ data } as never)
    }

    /** The server, or the network, ends it. */
    end(code: number): void {
      this.onclose?.({ code } as never)
    }
  }
  return {
    made,
    WebSocket: FakeSocket,
    get last(): FakeSocket {
      const last = made.at(-1)
      if (!last) throw new Error('no WebSocket was made')
      return last
    },
  }
}
