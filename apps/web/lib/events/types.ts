/** An event of the shop. `id` is decimal and grows; it may be larger than a number can hold exactly. */
export type ShopEvent = { id: string; event: string; data: unknown }

/** `waiting` is between two attempts; `closed` is final. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed'

/** What a transport tells of its connection. After `ended` it says nothing more. */
export type Listener = {
  opened(): void
  /** Anything arrived, if only a sign of life. */
  alive(): void
  message(message: ShopEvent): void
  ended(end: End): void
}

/** How a connection ended: with a WebSocket's close code, or a refused stream's HTTP status, or just like that. */
export type End = { code?: number; status?: number; retryMs?: number }

export type Transport = { close(): void }

/** `url` is where the API is, without a slash at its end. */
export type Opening = { url: string; token: string | undefined; lastEventId: string | undefined }

/** The part of a browser's WebSocket that is used; that of `ws` fits as well. */
export type Socket = {
  onopen: ((event: never) => unknown) | null
  onmessage: ((event: { data: unknown } & never) => unknown) | null
  onclose: ((event: { code: number } & never) => unknown) | null
  onerror: ((event: never) => unknown) | null
  close(code?: number): void
}

export type SocketConstructor = new (url: string, protocols: string[]) => Socket
