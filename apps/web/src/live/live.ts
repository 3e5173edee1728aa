/** An event of the shop: an order changed ('order.paid' and so on) or a stock did ('stock.changed'). */
export type LiveEvent = { id: string; event: string; data: unknown }
export type LiveState = 'connecting' | 'open' | 'waiting' | 'closed'

export type LiveParts = {
  /** The origin of the API. */
  url: () => string
  /** The access token (`fresh`: the last one was refused); undefined for guests, who get stock events only. */
  token: (fresh: boolean) => string | undefined | Promise<string | undefined>
  onEvent: (event: LiveEvent) => void
  onState?: (state: LiveState) => void
}

const LONGEST_PAUSE_MS = 30_000

/** Receives events until it is closed; reconnects with growing pauses and goes on after the last event it has seen. */
export function connectLive({ url, token, onEvent, onState }: LiveParts): { close(): void } {
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false
  let failures = 0
  let cursor: string | undefined

  async function open(): Promise<void> {
    onState?.('connecting')
    const bearer = await token(false)
    if (closed) return
    const address = new URL('/api/orders/ws', url().replace(/^http/, 'ws'))
    if (cursor) address.searchParams.set('last_event_id', cursor)
    socket = new WebSocket(address, ['ecomweb.events', ...(bearer ? [`bearer.${bearer}`] : [])])
    socket.onopen = () => {
      failures = 0
      onState?.('open')
    }
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data) as LiveEvent
      if (event.id) cursor = event.id
      onEvent(event)
    }
    socket.onclose = later
  }

  function later(): void {
    if (closed) return
    onState?.('waiting')
    const pause = Math.min(1_000 * 2 ** failures, LONGEST_PAUSE_MS)
    failures += 1
    timer = setTimeout(() => void open().catch(later), pause * (0.5 + Math.random() / 2))
  }

  void open().catch(later)
  return {
    close() {
      closed = true
      clearTimeout(timer)
      socket?.close()
      onState?.('closed')
    },
  }
}
